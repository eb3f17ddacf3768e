"""The event types of the platform: what each says, its schema and an example."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, JsonValue

from shared.events.event import EVENTS, data_class
from shared.events.registry import TOPICS
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.kernel.errors import raise_not_found

JsonObject = dict[str, JsonValue]
EXAMPLES = Path(__file__).parents[2] / "static" / "event_examples.json"
router = APIRouter(prefix="/v1", route_class=Route, tags=["events"], dependencies=[require("webhooks:read")])
ROUTERS = (router,)


class EventTypeSummary(BaseModel):
    """One of the platform's event types."""

    type: str
    description: str


class EventTypes(BaseModel):
    """Every event type of the platform."""

    data: list[EventTypeSummary]


class EventType(EventTypeSummary):
    """An event type with what its `data` holds."""

    json_schema: dict[str, Any] = Field(
        serialization_alias="schema",
        description="Of `data`: JSON Schema 2020-12. Fields and words may be added.",
    )
    example: dict[str, Any] = Field(description="A message of this type, as an endpoint gets it.")


@router.get("/event-types")
async def list_() -> EventTypes:
    """List the event types that endpoints may want."""
    return EventTypes(data=[EventTypeSummary(type=type_, description=_describe(type_)) for type_ in TOPICS])


@router.get("/event-types/{event_type}")
async def get(event_type: str) -> EventType:
    """Get an event type with its schema and an example."""
    if event_type not in EVENTS:
        raise_not_found("event type", event_type)
    return EventType(
        type=event_type,
        description=_describe(event_type),
        json_schema=_schema(event_type),
        example=_examples()[event_type],
    )


def _describe(type_: str) -> str:
    return (EVENTS[type_].__doc__ or "").strip().partition("\n")[0]


@cache
def _schema(type_: str) -> JsonObject:
    return data_class(EVENTS[type_]).model_json_schema()


@cache
def _examples() -> dict[str, JsonObject]:
    examples: dict[str, JsonObject] = json.loads(EXAMPLES.read_text())
    return examples
