"""The wording of messages where a workspace has none of its own, as templates that it may begin from."""

import re
import tomllib
from functools import cache
from html import escape
from pathlib import Path

from services.invoice.sending.domain.message_template import Texts
from shared.kernel.json import JsonObject

STATIC = Path(__file__).parents[2] / "static" / "messages"
_PLACE = re.compile(r"\[\[(\w+)\]\]")
_REMINDER_ROWS = ("number", "due_date", "days_overdue", "total", "amount_paid", "amount_credited")
_ROWS: dict[str, tuple[str, ...]] = {
    "invoice": ("issue_date", "due_date", "reference", "amount_paid", "amount_credited"),
    "reminder_1": _REMINDER_ROWS,
    "reminder_2": _REMINDER_ROWS,
    "reminder_3": _REMINDER_ROWS,
    "quote": ("issue_date", "valid_until", "reference"),
    "credit_note": ("issue_date", "credited_number"),
}


@cache
def default_texts(kind: str, channel: str, language: str) -> Texts:
    """Our wording of this kind of message in this language of ours."""
    words = _words(language)
    if channel == "sms":
        return Texts(words[kind]["sms"])
    return Texts(
        body=_fill("layout.txt", _parts(words, kind, language, is_html=False)),
        subject=words[kind]["subject"],
        html=_fill("layout.html", _parts(words, kind, language, is_html=True)),
    )


def _parts(words: JsonObject, kind: str, language: str, *, is_html: bool) -> dict[str, str]:
    labels = words["labels"]
    is_bill = kind == "invoice" or kind.startswith("reminder")
    due, total = labels["amount_due"], labels["total"]
    return {
        "language": language,
        "subject": words[kind]["subject"],
        "preview": words[kind]["intro"],
        "heading": words[kind]["heading"],
        "intro": words[kind]["intro"],
        "amount_label": f"{{% if amount_due %}}{due}{{% else %}}{total}{{% endif %}}" if is_bill else total,
        "amount": "{% if amount_due %}{{ amount_due }}{% else %}{{ total }}{% endif %}"
        if is_bill
        else "{{ total }}",
        "rows": "".join(_row(name, labels[name], is_html=is_html) for name in _ROWS[kind]),
        "button": f"{{% if amount_due and not collection_amount %}}{words['view']}"
        f"{{% else %}}{words['view_only']}{{% endif %}}",
        "terms": _terms(words["terms"], is_html=is_html) if is_bill else "",
        **{name: words[name] for name in ("greeting", "closing", "attached", "questions")},
    }


def _row(name: str, label: str, *, is_html: bool) -> str:
    if is_html:
        return _fill("row.html", {"name": name, "label": escape(label)})
    return f"{{% if {name} %}}{label}: {{{{ {name} }}}}\n{{% endif %}}"


def _terms(terms: str, *, is_html: bool) -> str:
    if is_html:
        terms = f'<p style="margin:0 0 20px;font-size:15px;line-height:24px;">{terms}</p>\n'
    else:
        terms = f"\n{terms}\n"
    return f"{{% if iban and amount_due %}}{terms}{{% endif %}}"


def _fill(name: str, parts: dict[str, str]) -> str:
    return _PLACE.sub(lambda place: parts[place[1]], (STATIC / name).read_text("utf-8"))


@cache
def _words(language: str) -> JsonObject:
    return tomllib.loads((STATIC / f"{language}.toml").read_text("utf-8"))
