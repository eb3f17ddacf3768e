"""Makes the schemas of a document say what clients that are generated from it may rely on.

A field of a reply is required, because it always comes; a change has no defaults, because what is left out
stays as it is; null stands in `anyOf` alone; and bounds are those of JSON Schema.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from shared.kernel.json import Json, JsonMapping, JsonObject

_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_NO_KEYWORDS = (*_BOUNDS, "decimal_places", "max_digits")
_NUMBERS = ("integer", "number")
CHANGES = ("patch", "put")
_OPTIONAL = "x-optional"
NOT_ALWAYS: Final[dict[str, JsonValue]] = {_OPTIONAL: True}
"""Marks a field of a reply that is sometimes left out: `Field(json_schema_extra=NOT_ALWAYS)`."""


def prepare(document: JsonObject) -> JsonObject:
    """The document with such schemas."""
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        schemas[name] = tidy(name, schema)
    asked, answered = used_by_requests(document), used_by_replies(document)
    for name in answered - asked:
        require_all(schemas[name])
    _forget_defaults(document, schemas)
    return document


def tidy(name: str, schema: JsonMapping) -> JsonObject:
    """A component without the noise of its parts, and with its own name as title."""
    return {**_plain(dict(schema)), "title": name}


def used_by_requests(document: JsonMapping) -> set[str]:
    """The schemas that bodies of requests are made of."""
    schemas = document["components"]["schemas"]
    return set().union(*(references(one.get("requestBody"), schemas) for _, one in _operations(document)))


def used_by_replies(document: JsonMapping) -> set[str]:
    """The schemas that replies are made of."""
    schemas = document["components"]["schemas"]
    return set().union(*(references(one["responses"], schemas) for _, one in _operations(document)))


def references(described: Json, schemas: JsonMapping) -> set[str]:
    """The schemas that something refers to, and those that they do."""
    found: set[str] = set()
    waiting = named(described)
    while waiting:
        name = waiting.pop()
        if name not in found and name in schemas:
            found.add(name)
            waiting |= named(schemas[name])
    return found


def named(described: Json) -> set[str]:
    """The schemas that something refers to by itself."""
    return set(_REFERENCE.findall(json.dumps(described, default=str)))


def _operations(document: JsonMapping) -> Iterator[tuple[str, JsonObject]]:
    for operations in document.get("paths", {}).values():
        yield from operations.items()


def _plain(schema: Json) -> Json:
    """A schema whose parts have no titles that only say their names again."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {word: _plain(part) for word, part in schema.items() if word not in ("title", "properties")}
    if isinstance(schema.get("title"), dict):
        plain["title"] = _plain(schema["title"])
    if isinstance(schema.get("properties"), dict):
        fields = {name: _plain(part) for name, part in schema["properties"].items()}
        # What can only be null cannot be given.
        plain["properties"] = {name: one for name, one in fields.items() if one.get("type") != "null"}
    return _bounded(_either(plain))


def _either(schema: JsonObject) -> JsonObject:
    """With `type: [string, null]` as `anyOf`."""
    types = schema.get("type")
    if not isinstance(types, list):
        return schema
    about: JsonObject = {
        word: schema[word] for word in ("description", "default", "examples") if word in schema
    }
    one = {word: part for word, part in schema.items() if word not in about and word != "type"}
    choices: list[JsonObject] = [{"type": name, **(one if name != "null" else {})} for name in types]
    return {"anyOf": choices, **about}


def _bounded(schema: JsonObject) -> JsonObject:
    bounds = {_BOUNDS[word]: schema[word] for word in _BOUNDS if _is_number(schema.get(word))}
    left = {word: part for word, part in schema.items() if word not in _NO_KEYWORDS or isinstance(part, dict)}
    if "anyOf" in left:
        left["anyOf"] = [{**one, **bounds} if one.get("type") in _NUMBERS else one for one in left["anyOf"]]
    elif left.get("type") in _NUMBERS:
        left |= bounds
    return left


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def require_all(schema: JsonObject) -> None:
    """Have all fields of an object come always, as they do in what the platform sends."""
    fields = schema.get("properties", {})
    required = [name for name, field in fields.items() if not field.pop(_OPTIONAL, False)]
    if required:
        schema["required"] = required
    for field in fields.values():
        field.pop("default", None)


def _forget_defaults(document: JsonObject, schemas: JsonObject) -> None:
    """A change that also makes something new becomes two schemas: only what is new has defaults."""
    bodies = [(method, one["requestBody"]) for method, one in _operations(document) if "requestBody" in one]
    new = set().union(*(references(body, schemas) for method, body in bodies if method not in CHANGES))
    for body in (body for method, body in bodies if method in CHANGES):
        for content in body["content"].values():
            for name in named(content):
                changed = {**schemas[name], "title": f"{name}Changes"} if name in new else schemas[name]
                if name in new:
                    content["schema"] = {"$ref": f"#/components/schemas/{changed['title']}"}
                schemas[changed["title"]] = _without_defaults(changed)
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            if field.get("default", "") is None:
                del field["default"]


def _without_defaults(schema: JsonObject) -> JsonObject:
    fields = {
        name: {word: part for word, part in one.items() if word != "default"}
        for name, one in schema.get("properties", {}).items()
    }
    return {**schema, "properties": fields} if fields else schema
