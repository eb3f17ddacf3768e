"""How readers take snapshots: fields they do not know are passed over, words they do not know are kept.

Who writes a snapshot may use only the words of its class; who reads one may be older than its writer, so
that a word of tomorrow is data here, and what is done about it is up to each reaction.
"""

from functools import cache
from typing import TypeVar, cast

from pydantic import BaseModel
from pydantic_core import CoreSchema, SchemaValidator, to_json

from shared.kernel.json import Json

M = TypeVar("M", bound=BaseModel)
# What of a core schema holds no schemas.
_OPAQUE = frozenset({"cls", "metadata", "serialization"})


def read(model: type[M], value: bytes) -> M:
    """The snapshot in this JSON; raises pydantic's ValidationError."""
    snapshot: M = _reader(model).validate_json(value)
    return snapshot


def read_reply(model: type[M], reply: Json) -> M:
    """The same of another service's parsed answer; raises pydantic's ValidationError."""
    return read(model, to_json(reply))


@cache
def _reader(model: type[BaseModel]) -> SchemaValidator:
    # Without the models' own validators, which know their words alone.
    return SchemaValidator(
        cast("CoreSchema", _open_words(model.__pydantic_core_schema__)), _use_prebuilt=False
    )


def _open_words(schema: object) -> object:
    if isinstance(schema, dict):
        if schema.get("type") == "literal" and all(isinstance(word, str) for word in schema["expected"]):
            return {"type": "str"} | {name: schema[name] for name in ("ref",) if name in schema}
        return {name: part if name in _OPAQUE else _open_words(part) for name, part in schema.items()}
    return [_open_words(part) for part in schema] if isinstance(schema, list) else schema
