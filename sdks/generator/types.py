"""The types of fields, as every language has them: what JSON Schema says, without its many ways to say it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

_REFERENCE = "#/components/schemas/"


class Kind(StrEnum):
    """What a plain value is."""

    TEXT = "text"
    ID = "id"
    DATE = "date"
    INSTANT = "instant"
    INTEGER = "integer"
    DECIMAL = "decimal"
    """A number whose digits count: text in replies; of requests also an integer, never a float."""
    BOOLEAN = "boolean"
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Plain:
    """A value without parts."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Words:
    """One of these words; replies may bring others, which readers take as they are."""

    words: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """An object with a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Many:
    """A list of one type."""

    item: "Type"


@dataclass(frozen=True, slots=True)
class Table:
    """An object with keys of the owner's own."""

    value: "Type"


@dataclass(frozen=True, slots=True)
class Nullable:
    """Null, or that."""

    value: "Type"


@dataclass(frozen=True, slots=True)
class Either:
    """One of several types."""

    choices: tuple["Type", ...]


Type: TypeAlias = Plain | Words | Named | Many | Table | Nullable | Either

_OF_FORMAT = {"uuid": Kind.ID, "date": Kind.DATE, "date-time": Kind.INSTANT}
_OF_TYPE = {"string": Kind.TEXT, "integer": Kind.INTEGER, "number": Kind.DECIMAL, "boolean": Kind.BOOLEAN}


def read(schema: Any, schemas: Any) -> Type:
    """The type that a schema describes."""
    if "$ref" in schema:
        return _referred(schema["$ref"].removeprefix(_REFERENCE), schemas)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return _chosen(choices, schemas)
    if "const" in schema:
        return Words((schema["const"],))
    if "enum" in schema:
        return Words(tuple(schema["enum"]))
    if schema.get("type") == "array":
        return Many(read(schema.get("items", {}), schemas))
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties", {})
        return Table(read(inner, schemas) if isinstance(inner, dict) else Plain(Kind.ANYTHING))
    if "type" not in schema:
        return Plain(Kind.ANYTHING)
    return Plain(_OF_FORMAT.get(schema.get("format", ""), _OF_TYPE[schema["type"]]))


def _referred(name: str, schemas: Any) -> Type:
    schema = schemas[name]
    return Named(name) if schema.get("type") == "object" and "properties" in schema else read(schema, schemas)


def _chosen(choices: Any, schemas: Any) -> Type:
    values = [one for one in choices if one.get("type") != "null"]
    if len(values) < len(choices):
        return Nullable(_chosen(values, schemas) if len(values) > 1 else read(values[0], schemas))
    kinds = dict.fromkeys(read(one, schemas) for one in values)
    numbers = {Plain(Kind.TEXT), Plain(Kind.INTEGER), Plain(Kind.DECIMAL)}
    if len(kinds) == 1:
        return next(iter(kinds))
    return Plain(Kind.DECIMAL) if kinds.keys() <= numbers else Either(tuple(kinds))


def names(found: Type) -> Iterator[str]:
    """The objects that a type is made of."""
    match found:
        case Named(name):
            yield name
        case Many(inner) | Table(inner) | Nullable(inner):
            yield from names(inner)
        case Either(choices):
            for one in choices:
                yield from names(one)
        case _:
            return
