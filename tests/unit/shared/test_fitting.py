"""Events of large objects: they carry what fits, say what was left out, and keep what others need."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deploy.schemas import events as schemas
from services.webhook_delivery.message_store import domain as message
from shared.events import envelope, fitting
from shared.events.event import Event, decode
from shared.events.registry import EVENTS
from shared.kernel.ids import new_id

CORPUS = Path(__file__).parents[2] / "contract" / "corpus"
KAFKA_BYTES = 4 * 1024 * 1024
# Letters of four bytes, and such as JSON writes with two.
LETTERS = {"emoji": "🎉", "quotes": '"', "plain": "x"}


def _many(value: Any, count: int, **changes: Any) -> list[Any]:
    return [{**value, "id": str(new_id()), **changes} for _ in range(count)]


def _lines(data: Any, letter: str) -> None:
    data["lines"] = _many(data["lines"][0], 1_000, description=letter * 4_000)


def _everything_of_a_subscription(data: Any, letter: str) -> None:
    lines = [{**data["lines"][0], "description": letter * 4_000}] * 100
    data |= {"lines": lines, "pending_lines": lines * 5}
    data["scheduled_change"] = {"effective_at": data["created_at"], "lines": lines}
    data["billing"]["lines"] = lines


def _allocations(data: Any, letter: str) -> None:
    data["allocations"] = _many(data["allocations"][0], 12_000)


def _own_fields(data: Any, letter: str) -> None:
    data["metadata"] = {f"{number:>040}": letter * 500 for number in range(50)}
    data["tags"] = [letter * 50] * 50


def _evidence(data: Any, letter: str) -> None:
    data["evidence"] = {"answer": {f"{number}": letter * 4_000 for number in range(100)}, "rate": 0.1}


LARGE: dict[str, Callable[[Any, str], None]] = {
    "invoice.issued": _lines,
    "quote.created": _lines,
    "credit_note.issued": _lines,
    "subscription.updated": lambda data, letter: data.update(
        lines=[{**data["lines"][0], "description": letter * 4_000}] * 100
    ),
    "subscription.renewed": _everything_of_a_subscription,
    "payment.updated": _allocations,
    "contact.created": _own_fields,
    "e_invoice.updated": _evidence,
}


# Their size does not depend on the letters.
SAME = {("payment.updated", "emoji"), ("payment.updated", "quotes")}


def large(type_: str, letter: str = "x") -> Event:
    said = json.loads((CORPUS / f"{type_}.v1.json").read_text())
    LARGE[type_](said["data"], letter)
    return decode(type_, json.dumps(said).encode())


@pytest.mark.parametrize(
    "type_, letters", [(one, word) for one in LARGE for word in LETTERS if (one, word) not in SAME]
)
def test_an_event_of_any_size_fits_and_is_read_by_all(type_: str, letters: str) -> None:
    event = large(type_, LETTERS[letters])

    value = event.encode()

    assert len(value) < KAFKA_BYTES
    assert decode(type_, value).data.id == event.data.id
    Draft202012Validator(schemas.schema(EVENTS[type_])).validate(json.loads(value))
    heard = message.message_of_event(envelope.read(type_, value))
    assert len(heard.body) <= message.MAX_BYTES
    said = json.loads(heard.body)["data"]
    if len(event.data.model_dump_json()) > fitting.MAX_DATA_BYTES:
        assert said["truncated"]["fields"]


def test_it_says_what_was_left_out_and_where_to_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "_base_url", "https://billing.example.com")
    event = large("invoice.issued")

    said = json.loads(event.encode())["data"]

    (left_out,) = said["truncated"]["fields"]
    assert left_out == {"name": "lines", "sent_count": len(said["lines"]), "total_count": 1_000}
    assert 50 < len(said["lines"]) < 70
    assert said["truncated"]["url"] == f"https://billing.example.com/v1/invoices/{event.subject}"
    assert said["lines"] == json.loads(event.data.model_dump_json())["lines"][: len(said["lines"])]
    assert {**said, "lines": [], "truncated": 0} == {
        **json.loads(event.data.model_dump_json()),
        "lines": [],
        "truncated": 0,
    }


def test_what_others_need_is_kept() -> None:
    renewed, updated = large("subscription.renewed"), large("payment.updated")
    updated = updated.model_copy(
        update={"data": updated.data.model_copy(update={"allocations": updated.data.allocations[:3_000]})}
    )

    billed, paid = (decode(one.type, one.encode()).data for one in (renewed, updated))

    assert billed.billing == renewed.data.billing
    assert (billed.pending_lines, billed.scheduled_change.lines) == ([], [])
    assert paid.allocations == updated.data.allocations
    # Integrators get what fits into a webhook.
    said = json.loads(message.message_of_event(envelope.read(updated.type, updated.encode())).body)["data"]
    assert said["truncated"]["fields"][0]["name"] == "allocations"
    assert said["truncated"]["url"].endswith(f"/v1/payments/{updated.subject}")


def test_what_fits_stays_as_it_is() -> None:
    for type_ in EVENTS:
        value = (CORPUS / f"{type_}.v1.json").read_bytes()
        assert b'"truncated"' not in decode(type_, value).encode()


def test_texts_are_cut_between_letters_and_numbers_keep_their_digits() -> None:
    data = ('{"a":"' + "é" * 200_000 + '","rate":1.10,"big":12345678901234567890123}').encode()

    text = fitting.fitted(data, "/v1/x")

    assert len(text) <= fitting.MAX_DATA_BYTES
    assert b'"rate":1.10,"big":12345678901234567890123' in text
    assert set(json.loads(text)["a"]) == {"é"}
