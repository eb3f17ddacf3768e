"""What a story leaves as examples: its first working exchange of each operation, the same each time."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import simplejson

from deploy.layout import json_text
from services.gateway.canonical.api.routes import resource_of
from tests.story.telling import Exchange

ROOT = Path(__file__).parents[2]
# The day on which every recorded story takes place.
DAY = date(2026, 4, 11)
SHOWN_OF_LIST = 2
# Operations that the story cannot bring to an end: what they answer is what another one does.
AS = {
    "POST /v1/payments/{payment_id}/cancel": "GET /v1/payments/{payment_id}",
    "POST /v1/payments/{payment_id}/resolve": "GET /v1/payments/{payment_id}",
    "POST /v1/subscriptions/{subscription_id}/retry": "GET /v1/subscriptions/{subscription_id}",
    "POST /v1/renewal-runs/{run_id}/retry": "GET /v1/subscriptions/{subscription_id}",
    "POST /v1/invoices/{invoice_id}/deliveries/{delivery_id}/retry": (
        "GET /v1/invoices/{invoice_id}/deliveries/{delivery_id}"
    ),
    "POST /v1/document-deliveries/{delivery_id}/retry": "GET /v1/document-deliveries/{delivery_id}",
    "POST /v1/webhook-endpoints/{endpoint_id}/jobs/{job_id}/cancel": (
        "GET /v1/webhook-endpoints/{endpoint_id}/jobs/{job_id}"
    ),
}
# What they answer besides: a delivery that is tried again may go to another address.
MORE = {key: {"previous_recipient": None} for key in AS if key.endswith("deliveries/{delivery_id}/retry")}
_UUID = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?<![0-9a-f])01[0-9a-f]{10}7[0-9a-f]{19}(?![0-9a-f])"
)
_DATE = re.compile(r"\b20\d\d-\d\d-\d\d(?=[\"T])")
# What is random or of one machine, and what stands for it.
_STAND_INS = (
    (re.compile(r"blg_(live|test)_\w{36}"), "blg_test_" + "Example0" * 4 + "0000"),
    (re.compile(r"blg_(live|test)_\w{3}(?=\")"), "blg_test_Exa"),
    (re.compile(r"whsec_[\w+/=]+"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    (re.compile(r"http://127\.0\.0\.1:\d+/hooks"), "https://jansen.example/hooks"),
    (re.compile(r"http://127\.0\.0\.1:\d+/i/[\w.~-]+"), "https://pay.example.com/i/Zm9yIGV4YW1wbGU"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "https://pay.example.com"),
    (re.compile(r"\b(jansen|winkel)-[0-9a-f]{12}\b"), r"\1"),
    (re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"), "Sat, 11 Apr 2026 09:30:00 GMT"),
    (re.compile(r'(?<="webhook-timestamp": ")\d+'), "1775899800"),
    (re.compile(r"(T\d\d:\d\d:\d\d)\.\d+(?=Z|\+00:00)"), r"\1"),
)


def files(exchanges: Iterable[Exchange], today: date) -> dict[Path, str]:
    """The files of examples, each as text: one for each service and each dialect."""
    names: dict[str, str] = {}
    found: dict[Path, dict[str, Any]] = {}
    for exchange in _chosen(exchanges):
        example = {"status": exchange.status, "request": exchange.request, "reply": _short(exchange.reply)}
        told = {name: value for name, value in example.items() if value is not None}
        written = simplejson.dumps(told, use_decimal=True, ensure_ascii=False)
        fixed = _fixed(written, names, today)
        found.setdefault(_file(exchange), {})[exchange.operation.key] = simplejson.loads(
            fixed, use_decimal=True
        )
    return {path: json_text(_with_others(examples)) for path, examples in found.items()}


def _chosen(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Each operation's first that worked; where none did, the first, for its request."""
    chosen: dict[Any, Exchange] = {}
    for one in exchanges:
        known = chosen.get(one.operation)
        if known is None or (one.worked and not known.worked):
            chosen[one.operation] = one
    return list(chosen.values())


def _with_others(examples: dict[str, Any]) -> dict[str, Any]:
    for key, other in AS.items():
        if key in examples and examples[key]["status"] >= 300:
            reply = examples[other]["reply"] | MORE.get(key, {})
            examples[key] |= {"status": 200, "reply": reply}
    return dict(sorted(examples.items(), key=lambda pair: tuple(reversed(pair[0].split(" ")))))


def _file(exchange: Exchange) -> Path:
    operation = exchange.operation
    if operation.api != "gateway":
        return ROOT / "services" / "gateway" / "static" / "examples" / f"{operation.api}.json"
    resource = resource_of(operation.path)
    service = resource.service if resource else "gateway"
    return ROOT / "services" / service / "static" / "examples.json"


def _short(reply: Any) -> Any:
    """Without what is only more of the same."""
    if not isinstance(reply, Mapping):
        return reply
    return {
        name: value[:SHOWN_OF_LIST] if isinstance(value, list) else value for name, value in reply.items()
    }


def _fixed(text: str, names: dict[str, str], today: date) -> str:
    """With ids, days and secrets that are the same in every recording."""

    def same(found: re.Match[str]) -> str:
        number = names.setdefault(found[0].replace("-", ""), f"{len(names) + 1:012d}")
        return f"01981a8e-7c00-7000-8000-{number}" if "-" in found[0] else f"01981a8e7c0070008000{number}"

    def moved(found: re.Match[str]) -> str:
        return (datetime.fromisoformat(found[0]).date() + (DAY - today)).isoformat()

    for pattern, stand_in in _STAND_INS:
        text = pattern.sub(stand_in, text)
    return _DATE.sub(moved, _UUID.sub(same, text))
