"""Reads the description: which operations there are, what they take and give, and what objects hold."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sdks.generator import types
from sdks.generator.types import Named, Nullable, Type

JSON = "application/json"
_PARAMETER = re.compile(r"\{([^}:]+)(?::[^}]*)?\}")
HEADERS = {"Idempotency-Key": "idempotency_key", "Prefer": "prefer_wait", "if-match": "if_match"}
"""The headers that a caller gives by a name; `if-none-match` is for caches, and left to `extra_headers`."""


class Reply(StrEnum):
    """What an operation answers with."""

    NOTHING = "nothing"
    OBJECT = "object"
    PAGES = "pages"
    FEED = "feed"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object, or one thing that an operation takes."""

    name: str
    type: Type
    is_required: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """An object with a name."""

    name: str
    text: str
    fields: tuple[Field, ...]
    is_asked: bool = False
    """Whether requests have it."""
    is_answered: bool = False
    """Whether replies or events have it."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: a method of a resource of the client."""

    name: str
    method: str
    path: str
    summary: str
    text: str
    ids: tuple[str, ...]
    """The values in its path, in their order."""
    query: tuple[Field, ...]
    body: tuple[Field, ...]
    headers: tuple[str, ...]
    """Of `HEADERS`, what it takes."""
    takes_body: bool
    takes_file: bool
    reply: Reply
    model: str
    """The object that it answers with, or that its pages are of; empty without one."""
    is_idempotent: bool
    errors: tuple[str, ...]
    pages_by_offset: bool = False
    """Whether its list has no cursor."""

    @property
    def resource(self) -> tuple[str, ...]:
        """The names from the client to the object that has this method."""
        return tuple(self.name.split(".")[:-1])

    @property
    def verb(self) -> str:
        """The method's name."""
        return self.name.rpartition(".")[2]

    @property
    def template(self) -> str:
        """Its path, with `{}` for each id."""
        return _PARAMETER.sub("{}", self.path)

    @property
    def key(self) -> str:
        """A name for it without dots."""
        return self.name.replace(".", "_")


@dataclass(frozen=True, slots=True)
class Problem:
    """A code that errors have."""

    code: str
    status: int
    title: str


@dataclass(frozen=True, slots=True)
class Event:
    """A type of event, with the objects that its body and its `data` are."""

    type: str
    model: str
    data: str


@dataclass(frozen=True, slots=True)
class Spec:
    """All that an SDK is made of."""

    operations: tuple[Operation, ...]
    models: tuple[Model, ...]
    problems: tuple[Problem, ...]
    events: tuple[Event, ...]
    resources: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    """The resources by their names from the client, each with the names of those that it holds."""


def read(document: Any) -> Spec:
    """The description as SDKs see it."""
    schemas = document["components"]["schemas"]
    operations = tuple(sorted(_operations(document, schemas), key=lambda one: one.name))
    events = tuple(_events(document, schemas))
    return Spec(
        operations=operations,
        models=tuple(_models(document, schemas)),
        problems=tuple(Problem(code, one["status"], one["title"]) for code, one in _problems(document)),
        events=events,
        resources=_resources(operations),
    )


def _operations(document: Any, schemas: Any) -> Iterator[Operation]:
    for path, described in document["paths"].items():
        for method, one in described.items():
            yield _operation(method, path, one, schemas)


def _operation(method: str, path: str, one: Any, schemas: Any) -> Operation:
    body = one.get("requestBody", {}).get("content", {})
    reply, model = _reply(one, schemas)
    parameters = one.get("parameters", ())
    return Operation(
        name=one["operationId"],
        method=method.upper(),
        path=_PARAMETER.sub(r"{\1}", path),
        summary=one["summary"],
        text=one.get("description", ""),
        ids=tuple(_PARAMETER.findall(path)),
        query=tuple(_query(parameters, schemas)),
        body=tuple(_body(body.get(JSON), schemas)),
        headers=tuple(HEADERS[each["name"]] for each in parameters if each["name"] in HEADERS),
        takes_body=JSON in body,
        takes_file=bool(body) and JSON not in body,
        reply=reply,
        model=model,
        is_idempotent=bool(one.get("x-idempotent")),
        errors=tuple(one.get("x-errors", ())),
        pages_by_offset=one.get("x-paginated") == "offset",
    )


def _query(parameters: Any, schemas: Any) -> Iterator[Field]:
    for each in parameters:
        if each["in"] == "query":
            found = types.read(each["schema"], schemas)
            # A query cannot say null: what is not wanted is left out.
            kind = found.value if isinstance(found, Nullable) else found
            text = each.get("description") or each["schema"].get("description", "")
            yield Field(each["name"], kind, each.get("required", False), text)


def _body(content: Any, schemas: Any) -> Iterator[Field]:
    if content is None:
        return
    schema = content["schema"]
    choices = [one for one in schema.get("anyOf") or schema.get("oneOf") or [schema] if "$ref" in one]
    bodies = [schemas[one["$ref"].rpartition("/")[2]] for one in choices]
    names = dict.fromkeys(name for body in bodies for name in body["properties"])
    for name in names:
        having = [body for body in bodies if name in body["properties"]]
        is_required = all(name in body.get("required", ()) for body in bodies)
        yield _field(name, _either([body["properties"][name] for body in having]), is_required, schemas)


def _either(found: list[Any]) -> Any:
    """One schema for a field that several bodies have: their words together, else the first's."""
    words = [word for one in found for word in one.get("enum", [one["const"]] if "const" in one else [])]
    return {"type": "string", "enum": list(dict.fromkeys(words))} if len(found) > 1 and words else found[0]


def _field(name: str, schema: Any, is_required: bool, schemas: Any) -> Field:
    return Field(name, types.read(schema, schemas), is_required, schema.get("description", ""))


def _reply(one: Any, schemas: Any) -> tuple[Reply, str]:
    if one.get("x-binary"):
        return Reply.FILE, ""
    found = [reply for status, reply in one["responses"].items() if status.startswith("2")]
    content = found[0].get("content", {}).get(JSON)
    if content is None:
        return Reply.NOTHING, ""
    name = content["schema"]["$ref"].rpartition("/")[2]
    if one.get("x-paginated") == "feed":
        return Reply.FEED, name
    if one.get("x-paginated"):
        item = types.read(schemas[name]["properties"]["data"]["items"], schemas)
        assert isinstance(item, Named)
        return Reply.PAGES, item.name
    return Reply.OBJECT, name


def _models(document: Any, schemas: Any) -> Iterator[Model]:
    operations = [one for described in document["paths"].values() for one in described.values()]
    asked = _reached([one.get("requestBody", {}) for one in operations], schemas)
    answered = _reached([*(one["responses"] for one in operations), document["webhooks"]], schemas)
    for name, schema in schemas.items():
        if isinstance(types.read({"$ref": f"#/components/schemas/{name}"}, schemas), Named):
            required = schema.get("required", ())
            fields = [
                _field(each, described, each in required, schemas)
                for each, described in schema["properties"].items()
            ]
            yield Model(name, schema.get("description", ""), tuple(fields), name in asked, name in answered)


def _reached(parts: Any, schemas: Any) -> set[str]:
    found: set[str] = set()
    waiting = set(_named(parts))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting |= set(_named(schemas[name]))
    return found


def _named(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        reference = part.get("$ref", "")
        if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
            yield reference.rpartition("/")[2]
        for inner in part.values():
            yield from _named(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _named(inner)


def _problems(document: Any) -> Iterator[tuple[str, Any]]:
    yield from document["x-problems"].items()


def _events(document: Any, schemas: Any) -> Iterator[Event]:
    for type_, described in document["webhooks"].items():
        content = described["post"]["requestBody"]["content"][JSON]
        model = content["schema"]["$ref"].rpartition("/")[2]
        data = schemas[model]["properties"]["data"]["$ref"].rpartition("/")[2]
        yield Event(type_, model, data)


def _resources(operations: tuple[Operation, ...]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Every resource with the names of those below it; the client itself is `()`."""
    paths = {one.resource[:depth] for one in operations for depth in range(len(one.resource) + 1)}
    return {
        path: tuple(
            sorted(other[-1] for other in paths if len(other) == len(path) + 1 and other[:-1] == path)
        )
        for path in sorted(paths)
    }
