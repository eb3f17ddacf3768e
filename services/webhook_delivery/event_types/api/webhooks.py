"""What endpoints get, in the OpenAPI document: a webhook for each event type, with the schema of its body."""

from fastapi import FastAPI
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from shared.events.event import EVENTS, Event, data_class
from shared.http.client_schemas import require_all, tidy
from shared.kernel.json import JsonObject

_TEMPLATE = "#/components/schemas/{model}"
_ENVELOPE: JsonObject = {
    "timestamp": {"type": "string", "format": "date-time", "description": "On the workspace's clock."},
    "sequence": {
        "type": "integer",
        "description": "Grows with every event about the resource: a higher one is newer, whatever the order "
        "in which they arrive.",
    },
}
_HEADERS: list[JsonObject] = [
    {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
    }
    for name, description in (
        ("webhook-id", "The same however often the message is delivered."),
        ("webhook-timestamp", "Seconds since 1970 at which this attempt was signed."),
        ("webhook-signature", "One or several `v1,` signatures (Standard Webhooks), parted by spaces."),
    )
]


def describe(app: FastAPI) -> None:
    """Have the app's document tell of the platform's webhooks."""
    generate = app.openapi

    def openapi() -> JsonObject:
        document = generate()
        if "webhooks" not in document:
            _add(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _add(document: JsonObject) -> None:
    schemas = document["components"]["schemas"]
    mode: JsonSchemaMode = "serialization"
    classes = sorted({data_class(event) for event in EVENTS.values()}, key=lambda one: one.__name__)
    found, definitions = models_json_schema([(one, mode) for one in classes], ref_template=_TEMPLATE)
    shown = {name: tidy(name, schema) for name, schema in definitions["$defs"].items()}
    for schema in shown.values():
        require_all(schema)
    schemas |= {name: schema for name, schema in shown.items() if name not in schemas}
    document["webhooks"] = {}
    for type_, event in sorted(EVENTS.items()):
        schemas[f"{event.__name__}Event"] = _body(event, found[data_class(event), mode])
        document["webhooks"][type_] = {"post": _webhook(event)}


def _body(event: type[Event], data: JsonObject) -> JsonObject:
    fields = {"type": {"type": "string", "const": event.type}, **_ENVELOPE, "data": data}
    return {
        "title": f"{event.__name__}Event",
        "description": _meaning(event),
        "type": "object",
        "properties": fields,
        "required": list(fields),
    }


def _webhook(event: type[Event]) -> JsonObject:
    schema = {"$ref": _TEMPLATE.format(model=f"{event.__name__}Event")}
    return {
        "operationId": event.type,
        "summary": _meaning(event),
        "tags": ["webhooks"],
        "parameters": _HEADERS,
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {"2XX": {"description": "It has arrived; anything else is tried again."}},
    }


def _meaning(event: type[Event]) -> str:
    return (event.__doc__ or "").strip().partition("\n")[0]
