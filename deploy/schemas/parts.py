"""Events' schemas as files: the envelope of each type, and once the data that several types share.

`events/invoice.paid.v1.json` refers to `events/data/InvoiceData.v1.json`, as JSON Schema does from the file's
own place; whoever needs all of it in one puts them together again.
"""

import json
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from deploy.schemas import events
from shared.events.event import Event, data_class

_LOCAL = "#/$defs/"


def split(name: str, event: type[Event]) -> dict[str, dict[str, Any]]:
    """The files of the event's schema by their names; `name` is that of its own."""
    whole = events.schema(event)
    definitions = whole.pop("$defs")
    # Without a name of its own it is found by its place, and what it refers to by theirs.
    del whole["$id"]
    data_name = data_class(event).__name__
    data = f"data/{data_name}.v{event.schema_version}.json"
    whole["properties"] = {**whole["properties"], "data": {"$ref": data}}
    described = definitions.pop(data_name)
    return {
        name: whole,
        _beside(name, data): {"$schema": events.DIALECT, **described, "$defs": definitions},
    }


def whole(name: str, read: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """An event's schema in one, as `events.schema` makes it; releases before kept it so."""
    schema = read(name)
    if "$defs" in schema:
        return schema
    (place,) = named(name, schema)
    data = read(place)
    del data["$schema"]
    definitions = data.pop("$defs")
    known_as = PurePosixPath(place).name.partition(".")[0]
    properties = {**schema["properties"], "data": {"$ref": f"{_LOCAL}{known_as}"}}
    return {
        **schema,
        "$id": properties["dataschema"]["const"],
        "properties": properties,
        "$defs": {**definitions, known_as: data},
    }


def read(path: Path) -> dict[str, Any]:
    """The whole schema of a file."""

    def load(name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((path.parent / name).read_text())
        return found

    return whole(path.name, load)


def named(name: str, schema: dict[str, Any]) -> list[str]:
    """The files that an event's schema refers to."""
    reference = schema["properties"]["data"]["$ref"]
    return [] if reference.startswith("#") else [_beside(name, reference)]


def _beside(name: str, reference: str) -> str:
    return (PurePosixPath(name).parent / reference).as_posix()
