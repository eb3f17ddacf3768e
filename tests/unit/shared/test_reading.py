"""Readers older than their writers: words and fields of tomorrow are data."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from deploy.schemas import events as schemas
from shared.events import reading
from shared.events.event import data_class, decode
from shared.events.payment import PaymentData
from shared.events.registry import EVENTS

CORPUS = Path(__file__).parents[2] / "contract" / "corpus"
WORD = "a_word_of_tomorrow"


def _said(type_: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((CORPUS / f"{type_}.v1.json").read_text())
    return said


def _with_words_of_tomorrow(value: Any, schema: Any, root: Any) -> Any:
    """The data in which every word of a list says another one, as its schema tells where they stand."""
    schema = root["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    for branch in schema.get("anyOf", ()):
        value = value if value is None else _with_words_of_tomorrow(value, branch, root)
    if "enum" in schema or isinstance(schema.get("const"), str):
        return WORD if isinstance(value, str) else value
    if isinstance(value, dict):
        parts = schema.get("properties", {})
        return {
            name: _with_words_of_tomorrow(part, parts.get(name, {}), root) for name, part in value.items()
        } | ({"field_of_tomorrow": [1]} if parts else {})
    if isinstance(value, list):
        return [_with_words_of_tomorrow(part, schema.get("items", {}), root) for part in value]
    return value


@pytest.mark.parametrize("type_", EVENTS)
def test_words_and_fields_of_tomorrow_are_read(type_: str) -> None:
    said, root = _said(type_), schemas.schema(EVENTS[type_])
    changed = _with_words_of_tomorrow(said["data"], root["properties"]["data"], root)

    event = decode(type_, json.dumps(said | {"data": changed}).encode())

    assert isinstance(event.data, data_class(EVENTS[type_]))
    if WORD in json.dumps(changed):
        assert WORD in event.data.model_dump_json()


def test_who_writes_uses_known_words_alone() -> None:
    known = decode("payment.created", (CORPUS / "payment.created.v1.json").read_bytes()).data.model_dump()

    with pytest.raises(ValidationError, match="state"):
        PaymentData(**known | {"state": WORD})


def test_a_reply_of_a_newer_service_is_read_too() -> None:
    reply = _said("payment.created")["data"] | {"state": WORD}

    assert reading.read_reply(PaymentData, reply).state == WORD
