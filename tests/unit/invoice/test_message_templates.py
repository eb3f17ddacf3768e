"""What a template may hold, and what messages say."""

from datetime import date
from html.parser import HTMLParser
from typing import get_args

import pytest
from jinja2.exceptions import SecurityError, UndefinedError

from services.invoice.sending.domain import message_template as rules
from services.invoice.sending.domain import sms_text
from services.invoice.sending.domain.message_template import InvalidTemplate, Texts
from services.invoice.sending.rendering import message, message_defaults
from services.invoice.sending.rendering.message import MessageSubject
from tests.unit.invoice.papers import a_buyer, a_computed_paper, a_seller

TODAY = date(2027, 1, 5)
LOCALES = ("en", "fr", "nl", "nb", "sv", "da", "de")
URL = "https://pay.example.com/i/abc"
REFUSED = {
    "an unknown variable": ("{{ password }}", "there is no variable password"),
    "an attribute": ("{{ number.__class__ }}", "no getattr"),
    "an item": ("{{ number['__class__'] }}", "no getitem"),
    "a call": ("{{ number.upper() }}", "no call"),
    "a loop": ("{% for x in number %}{% endfor %}", "no for"),
    "a huge text": ("{{ 'x' * 999999999 }}", "no mul"),
    "an include": ("{% include '/etc/passwd' %}", "no include"),
    "an assignment": ("{% set number = 1 %}", "no assign"),
    "another filter": ("{{ number|attr('x') }}", "there is no filter attr"),
    "unescaped html": ("{{ message|safe }}", "there is no filter safe"),
    "filters on filters": ("{{ total" + "|upper" * 120 + " }}", "too many parts"),
    "filters twelve deep": ("{{ total" + "|trim" * 12 + " }}", "10 deep"),
    "thousands of nots": ("{{ " + "not " * 3000 + "total }}", "too many parts"),
    "parentheses without end": ("{{ " + "(" * 3000 + "total" + ")" * 3000 + " }}", "too many parts"),
    "conditions in conditions": ("{% if total %}" * 30 + "x" + "{% endif %}" * 30, "10 deep"),
    "too many variables": ("{{ total }}" * 301, "Too many variables"),
    "too many parts in all": ("{{ total|upper|trim|title }}" * 200, "Too many variables"),
    "a mistake": ("{% if number %}", "Line 1"),
}


@pytest.mark.parametrize("field", ["subject", "html", "body"])
@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED.keys())
def test_a_template_holds_variables_conditions_and_filters_alone(source: tuple[str, str], field: str) -> None:
    texts = Texts(**{"body": "b", "subject": "s", field: source[0]})

    with pytest.raises(InvalidTemplate) as refused:
        rules.check(texts, "email")

    assert refused.value.errors[0].pointer == f"/{field}"
    assert source[1] in refused.value.errors[0].message


def test_a_text_that_would_be_too_long_is_not_made() -> None:
    texts = Texts(body="{{ message }}" * 200)
    rules.check(texts, "sms")

    with pytest.raises(InvalidTemplate, match="more than 262144 characters"):
        rules.render(texts, dict.fromkeys(rules.VARIABLES, "x" * 2000))


def test_the_sandbox_is_a_second_wall() -> None:
    for escapes in (True, False):
        found = rules.new_environment(escapes=escapes)

        with pytest.raises(SecurityError):
            found.from_string("{{ ''.__class__.__mro__ }}").render()
        with pytest.raises(UndefinedError):
            found.from_string("{{ unknown }}").render()


def test_values_are_escaped_in_html_and_nowhere_else() -> None:
    texts = Texts(
        body="{{ customer_name }}", subject="{{ customer_name }}", html="<b>{{ customer_name }}</b>"
    )
    paper = a_computed_paper(buyer=a_buyer(name="Anna & <script>"))

    made = message.compose(texts, MessageSubject("invoice", "email", paper, TODAY))

    assert (made.body, made.subject) == ("Anna & <script>", "Anna & <script>")
    assert made.html == "<b>Anna &amp; &lt;script&gt;</b>"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", get_args(rules.TemplateKind))
def test_every_message_has_words_in_every_language(kind: str, locale: str) -> None:
    document = {"quote": "quote", "credit_note": "credit_note"}.get(kind, "invoice")
    facts = {"quote": {"valid_until": TODAY}, "credit_note": {"credited_number": "INV-1"}}
    paper = a_computed_paper(
        kind=document, buyer=a_buyer(locale=locale, name="A & B"), **facts.get(document, {})
    )

    for channel in ("email", "sms"):
        rules.check(message_defaults.default_texts(kind, channel, locale), channel)  # type: ignore[arg-type]
    mail = message.compose(None, MessageSubject(kind, "email", paper, TODAY, URL, "So long\nBo"))
    sms = message.compose(None, MessageSubject(kind, "sms", paper, TODAY, URL))

    assert "2026-00042" in (mail.subject or "")
    for said in (mail.body, mail.html or ""):
        assert "[[" not in said
        assert "So long\nBo" in said
        assert "121" in said
    assert "A &amp; B" in (mail.html or "")
    assert _is_balanced(mail.html or "")
    assert "2026-00042" in sms.body
    assert sms_text.count_segments(sms.body) <= 3
    if document == "invoice":
        assert URL in sms.body
        assert f'href="{URL}"' in (mail.html or "")


def test_a_paid_invoice_asks_for_nothing() -> None:
    paper = a_computed_paper(due_minor=0, paid_minor=12_100, status="paid")

    said = message.compose(None, MessageSubject("invoice", "email", paper, TODAY, URL)).body

    assert "Nothing remains to be paid" in said
    assert "Paid so far: €121.00" in said
    assert "NL91" not in said


def test_an_sms_costs_what_its_characters_cost() -> None:
    swedish = message.compose(
        None,
        MessageSubject(
            "reminder_1", "sms", a_computed_paper(buyer=a_buyer(locale="sv"), seller=a_seller("SE")), TODAY
        ),
    )

    assert "\u00a0" not in swedish.body
    assert sms_text.count_segments(swedish.body) == 1
    assert [
        sms_text.count_segments(text) for text in ("a" * 160, "a" * 161, "ł" * 70, "ł" * 71, "€" * 81)
    ] == [
        1,
        2,
        1,
        2,
        2,
    ]


def _is_balanced(html: str) -> bool:
    opened: list[str] = []
    ends = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "br"):
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            ends.append(opened.pop() == tag)

    Reader().feed(html)
    return all(ends) and not opened
