"""The JSON Schema (2020-12) of an event: its whole CloudEvents envelope with the data in it."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from shared.events.event import Event, data_class
from shared.events.fitting import MAX_DATA_BYTES, TRUNCATED

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_COUNT = {"type": "integer", "minimum": 0}
_LEFT_OUT: dict[str, Any] = {
    "description": f"There where the data has more than {MAX_DATA_BYTES} bytes: what was left out of it.",
    "type": "object",
    "required": ["url", "fields"],
    "properties": {
        "url": {"type": "string", "description": "Where the API shows all of it."},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "sent_count", "total_count"],
                "properties": {
                    "name": {"type": "string", "description": "The field that was cut, such as lines."},
                    "sent_count": {**_COUNT, "description": "How many of its items or letters are here …"},
                    "total_count": {**_COUNT, "description": "… and how many there are."},
                },
            },
        },
    },
}
# Marks a list of words that may grow within a version; a released one without it may not.
EXTENSIBLE = "x-extensible"
_ALWAYS = """specversion id type source subject time datacontenttype dataschema workspaceid sequence
    data""".split()


class _WithoutFieldTitles(GenerateJsonSchema):
    """Leaves out titles that only repeat a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema(event: type[Event]) -> dict[str, Any]:
    """The schema that every released event of this class follows; readers must accept more fields."""
    data = _marked(data_class(event).model_json_schema(schema_generator=_WithoutFieldTitles))
    definitions = data.pop("$defs", {})
    data["properties"][TRUNCATED] = _LEFT_OUT
    name = data_class(event).__name__
    return {
        "$schema": DIALECT,
        "$id": event.dataschema(),
        "title": event.__name__,
        "description": meaning(event),
        "type": "object",
        "properties": {**_envelope(event), "data": {"$ref": f"#/$defs/{name}"}},
        "required": _ALWAYS,
        "$defs": dict(sorted({**definitions, name: data}.items())),
    }


def _marked(schema: Any) -> Any:
    """The schema in which every list of words says that it may grow: readers take words they do not know."""
    if isinstance(schema, dict):
        mark = {EXTENSIBLE: True} if "enum" in schema or isinstance(schema.get("const"), str) else {}
        return {name: _marked(part) for name, part in schema.items()} | mark
    return [_marked(part) for part in schema] if isinstance(schema, list) else schema


def _envelope(event: type[Event]) -> dict[str, Any]:
    uuid = {"type": "string", "format": "uuid"}
    return {
        "specversion": {"const": "1.0"},
        "id": {**uuid, "description": "Stays the same however often the event is delivered."},
        "type": {"const": event.type},
        "source": {"const": event.source},
        "subject": {**uuid, "description": "The aggregate's id."},
        "time": {"type": "string", "format": "date-time", "description": "On the workspace's clock."},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"const": event.dataschema()},
        "workspaceid": uuid,
        "sequence": {
            "type": "string",
            "pattern": "^[0-9]+$",
            "description": "The aggregate's version after the event; all events of one change share it.",
        },
        "step": {
            "type": "integer",
            "minimum": 0,
            "description": "Counts the events of one change: (sequence, step) grows with every event.",
        },
        "traceparent": {"type": ["string", "null"], "description": "W3C Trace Context."},
    }


def meaning(event: type[Event]) -> str:
    """What the event says: the first line of its class's docstring."""
    return (event.__doc__ or "").strip().partition("\n")[0]


def key(event: type[Event]) -> str:
    """What the Kafka key is, in words."""
    own = event.record_key
    if own is Event.record_key:
        return "subject"
    return (own.__doc__ or "").strip().partition("\n")[0].rstrip(".") or "subject"
