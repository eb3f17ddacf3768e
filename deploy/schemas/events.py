"""The JSON Schema (2020-12) of an event: its whole CloudEvents envelope with the data in it."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from shared.events.event import Event

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ALWAYS = """specversion id type source subject time datacontenttype dataschema workspaceid sequence
    data""".split()


class _WithoutFieldTitles(GenerateJsonSchema):
    """Leaves out titles that only repeat a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema(event: type[Event]) -> dict[str, Any]:
    """The schema that every released event of this class follows; readers must accept more fields."""
    data = data_class(event).model_json_schema(schema_generator=_WithoutFieldTitles)
    definitions = data.pop("$defs", {})
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
        "traceparent": {"type": ["string", "null"], "description": "W3C Trace Context."},
    }


def data_class(event: type[Event]) -> type[BaseModel]:
    """The class of the event's snapshot."""
    found = event.model_fields["data"].annotation
    assert isinstance(found, type), event
    assert issubclass(found, BaseModel), event
    return found


def meaning(event: type[Event]) -> str:
    """What the event says: the first line of its class's docstring."""
    return (event.__doc__ or "").strip().partition("\n")[0]


def key(event: type[Event]) -> str:
    """What the Kafka key is, in words."""
    own = event.record_key
    if own is Event.record_key:
        return "subject"
    return (own.__doc__ or "").strip().partition("\n")[0].rstrip(".") or "subject"
