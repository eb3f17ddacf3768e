"""Events' schemas as files: what each type alone says, once the envelope, once each data that types share.

`events/invoice.paid.v1.json` refers to `events/envelope.json` and `events/data/InvoiceData.v1.json`, as JSON
Schema does from the file's own place; whoever needs all of it in one puts them together again.
"""

import json
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from deploy.schemas import events
from shared.events.event import Event, data_class

ENVELOPE = "envelope.json"
_LOCAL = "#/$defs/"
_OF_THE_TYPE = ("type", "source", "dataschema")


def split(name: str, event: type[Event]) -> dict[str, dict[str, Any]]:
    """The files of the event's schema by their names; `name` is that of its own."""
    whole = events.schema(event)
    definitions = whole["$defs"]
    data_name = data_class(event).__name__
    data = f"data/{data_name}.v{event.schema_version}.json"
    described = definitions.pop(data_name)
    own = {field: whole["properties"].pop(field) for field in _OF_THE_TYPE}
    del whole["properties"]["data"]
    return {
        name: {
            "$schema": events.DIALECT,
            "title": whole["title"],
            "description": whole["description"],
            "$ref": ENVELOPE,
            "properties": {**own, "data": {"$ref": data}},
        },
        _beside(name, ENVELOPE): {
            "$schema": events.DIALECT,
            "title": "Envelope",
            "description": "What every event says of itself: CloudEvents 1.0.",
            **{word: whole[word] for word in ("type", "properties", "required")},
        },
        _beside(name, data): {"$schema": events.DIALECT, **described, "$defs": definitions},
    }


def whole(name: str, read: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """An event's schema in one, as `events.schema` makes it; releases before kept it so."""
    schema = read(name)
    if "$defs" in schema:
        return schema
    envelope, data = (read(place) for place in named(name, schema))
    known_as = PurePosixPath(schema["properties"]["data"]["$ref"]).name.partition(".")[0]
    definitions = data.pop("$defs")
    del data["$schema"]
    return {
        **envelope,
        "$id": schema["properties"]["dataschema"]["const"],
        "title": schema["title"],
        "description": schema["description"],
        "properties": {
            **envelope["properties"],
            **schema["properties"],
            "data": {"$ref": f"{_LOCAL}{known_as}"},
        },
        "$defs": {**definitions, known_as: data},
    }


def read(path: Path) -> dict[str, Any]:
    """The whole schema of a file."""

    def load(name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((path.parent / name).read_text())
        return found

    return whole(path.name, load)


def named(name: str, schema: dict[str, Any]) -> list[str]:
    """The files that an event's schema refers to: the envelope and its data."""
    if "$defs" in schema:
        return []
    return [_beside(name, reference) for reference in (schema["$ref"], schema["properties"]["data"]["$ref"])]


def _beside(name: str, reference: str) -> str:
    return (PurePosixPath(name).parent / reference).as_posix()
