"""What may change in a released event: what a reader of ours fails at is breaking, all else is not."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from deploy.schemas.compatibility import breaking

RELEASED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"const": "thing.created"},
        "data": {"$ref": "#/$defs/Thing"},
    },
    "required": ["type", "data"],
    "$defs": {
        "Thing": {
            "type": "object",
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "amount_minor": {"type": "integer", "minimum": 0},
                "status": {"type": "string", "enum": ["open", "paid"], "x-extensible": True},
                "state": {"type": "string", "const": "succeeded", "x-extensible": True},
                "closed": {"type": "string", "enum": ["a", "b"]},
                "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
                "part": {"anyOf": [{"$ref": "#/$defs/Part"}, {"type": "null"}]},
                "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
                "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
            },
            "required": ["id", "amount_minor", "status"],
        },
        "Part": {"type": "object", "properties": {"size": {"type": "integer"}}, "required": ["size"]},
    },
}
Change = Callable[[dict[str, Any], dict[str, Any]], Any]

BREAKING: dict[str, tuple[Change, str]] = {
    "a field is removed": (
        lambda thing, _: thing["properties"].pop("note"),
        "$.data.note: the field is gone",
    ),
    "a field within is removed": (lambda _, part: part["properties"].pop("size"), "$.data.part.size"),
    "a type changes": (
        lambda thing, _: thing["properties"]["amount_minor"].update(type="string"),
        "$.data.amount_minor: its type changed from integer to string",
    ),
    "a type changes in a list": (
        lambda _, part: part["properties"]["size"].update(type="number"),
        "$.data.parts[].size: its type changed",
    ),
    "a field may become null": (
        lambda thing, _: thing["properties"].update(id={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "$.data.id: its type changed from string to string or null",
    ),
    "a field can no longer be null": (
        lambda thing, _: thing["properties"].update(note={"type": "string"}),
        "$.data.note: its type changed",
    ),
    "a new field is required": (
        lambda thing, _: (
            thing["properties"].update(new={"type": "string"}),
            thing["required"].append("new"),
        ),
        "$.data.new: the field became required",
    ),
    "an old field becomes required": (lambda thing, _: thing["required"].append("note"), "became required"),
    "a required field may be missing": (
        lambda thing, _: thing["required"].remove("status"),
        "$.data.status: the field may now be missing",
    ),
    "a value is removed": (
        lambda thing, _: thing["properties"]["status"].update(enum=["open"]),
        "$.data.status: the values ['paid'] are gone",
    ),
    "free text becomes a choice": (
        lambda thing, _: thing["properties"]["id"].update(enum=["a"]),
        "$.data.id: only ['a'] are left",
    ),
    "a value more where readers of the release know only theirs": (
        lambda thing, _: thing["properties"]["closed"]["enum"].append("c"),
        "$.data.closed: readers of the release know only ['a', 'b'], and not ['c']",
    ),
    "free text where readers of the release know only their words": (
        lambda thing, _: thing["properties"]["closed"].pop("enum"),
        "$.data.closed: its values ['a', 'b'] are no longer the only ones",
    ),
    "readers become strict": (
        lambda thing, _: thing["properties"]["status"].pop("x-extensible"),
        "$.data.status: its readers no longer take words that they do not know",
    ),
    "a constant changes": (
        lambda thing, _: thing["properties"]["state"].update(const="done"),
        "$.data.state: the values ['succeeded'] are gone",
    ),
    "a bound changes": (
        lambda thing, _: thing["properties"]["amount_minor"].update(minimum=1),
        "$.data.amount_minor: minimum changed from 0 to 1",
    ),
    "a format changes": (lambda thing, _: thing["properties"]["id"].pop("format"), "$.data.id: format"),
    "a map's values change": (
        lambda thing, _: thing["properties"]["metadata"].update(additionalProperties={"type": "integer"}),
        "$.data.metadata[]: its type changed",
    ),
}
ADDITIVE: dict[str, Change] = {
    "nothing": lambda *_: None,
    "a new optional field": lambda thing, _: thing["properties"].update(new={"type": "string"}),
    "a new optional field within": lambda _, part: part["properties"].update(unit={"type": "string"}),
    "a new value": lambda thing, _: thing["properties"]["status"]["enum"].append("void"),
    "any word where readers take any": lambda thing, _: thing["properties"]["status"].pop("enum"),
    "readers become tolerant": lambda thing, _: thing["properties"]["closed"].update({"x-extensible": True}),
    "a constant becomes a choice": lambda thing, _: thing["properties"].update(
        state={"type": "string", "enum": ["succeeded", "failed"], "x-extensible": True}
    ),
    "another description": lambda thing, _: thing["properties"]["id"].update(description="Its id."),
    "another order": lambda thing, _: thing.update(
        properties=dict(reversed(thing["properties"].items())), required=thing["required"][::-1]
    ),
}


def _changed(change: Change) -> dict[str, Any]:
    schema = copy.deepcopy(RELEASED)
    change(schema["$defs"]["Thing"], schema["$defs"]["Part"])
    return schema


@pytest.mark.parametrize("name", BREAKING)
def test_a_breaking_change_is_found(name: str) -> None:
    change, expected = BREAKING[name]

    found = breaking(RELEASED, _changed(change))

    assert any(expected in fault for fault in found), found


@pytest.mark.parametrize("name", ADDITIVE)
def test_an_addition_is_no_breaking_change(name: str) -> None:
    assert breaking(RELEASED, _changed(ADDITIVE[name])) == []


def test_another_type_in_the_envelope_is_found() -> None:
    schema = copy.deepcopy(RELEASED)
    schema["properties"]["type"]["const"] = "thing.made"

    assert breaking(RELEASED, schema) == ["$.type: the values ['thing.created'] are gone"]
