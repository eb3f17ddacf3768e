"""`schemas/asyncapi.json`: the topics as AsyncAPI 3.0."""

from collections.abc import Mapping
from typing import Any

from deploy.schemas.events import key, meaning
from shared.events.event import Event
from shared.events.registry import JOURNAL
from shared.messaging import dead_letter
from shared.postgres.roles import SERVICES

_CLOUD_EVENT = "application/cloudevents+json"
_TEXT = {"type": "string"}
_UUID = {"type": "string", "format": "uuid"}


def document(events: Mapping[str, type[Event]], heard: Mapping[str, list[str]]) -> dict[str, Any]:
    """The document; the payloads' schemas stand beside it in `events/`."""
    classes = [event for _, event in sorted(events.items())]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Billing events",
            "version": "1.0.0",
            "description": "Facts that the services tell each other over Kafka, one topic per event type.",
        },
        "defaultContentType": _CLOUD_EVENT,
        "channels": {
            **{event.type: _channel(event) for event in classes},
            JOURNAL: _journal(classes),
            **{dead_letter.topic(service): _dead_letters(service) for service in SERVICES},
        },
        "operations": {
            name: operation for event in classes for name, operation in _operations(event, heard[event.type])
        },
        "components": {
            "messages": {
                **{event.__name__: _message(event) for event in classes},
                "DeadLetter": _dead_letter_message(),
            }
        },
    }


def _channel(event: type[Event]) -> dict[str, Any]:
    return {
        "address": event.type,
        "description": meaning(event),
        "messages": {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}},
    }


def _journal(classes: list[type[Event]]) -> dict[str, Any]:
    return {
        "address": JOURNAL,
        "description": "Every event of every type: those of one object in the order of their making.",
        "messages": {
            event.__name__: {"$ref": f"#/components/messages/{event.__name__}"} for event in classes
        },
    }


def _dead_letters(service: str) -> dict[str, Any]:
    return {
        "address": dead_letter.topic(service),
        "description": f"Records that {service} could not apply, as they came, with the reason.",
        "messages": {"DeadLetter": {"$ref": "#/components/messages/DeadLetter"}},
    }


def _operations(event: type[Event], listeners: list[str]) -> list[tuple[str, dict[str, Any]]]:
    maker = event.source.strip("/")
    sides = [(maker, "send"), *((listener, "receive") for listener in listeners)]
    return [(f"{service}.{action}.{event.type}", _operation(event, action)) for service, action in sides]


def _operation(event: type[Event], action: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{event.type}"},
        "messages": [{"$ref": f"#/channels/{event.type}/messages/{event.__name__}"}],
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": meaning(event),
        "contentType": _CLOUD_EVENT,
        "headers": _headers({"ce_id": _UUID, "ce_type": {"const": event.type}, "ce_workspaceid": _UUID}),
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./events/{event.type}.v{event.schema_version}.json"},
        },
        "bindings": {"kafka": {"key": {**_UUID, "description": f"{key(event)} of the event"}}},
    }


def _dead_letter_message() -> dict[str, Any]:
    facts = ("reason", "error", "attempts", "topic", "partition", "offset", "key", "event_id")
    return {
        "name": "dead-letter",
        "summary": "A record that could not be applied.",
        "headers": _headers({f"dead_letter_{fact}": _TEXT for fact in facts}),
        "payload": {"description": "The record's value as it came."},
    }


def _headers(known: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {**known, "traceparent": _TEXT}, "required": list(known)}
