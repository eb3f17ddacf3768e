"""What a dialect is made of: operations that translate their requests into ours and our replies into theirs.

A dialect does no I/O. An operation's translation is a generator: it yields what it wants to ask of the
canonical API, is sent the answer, and returns its reply. So a test can drive it with recorded answers.
"""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.kernel.errors import FieldError, Invalid, NotFound
from shared.kernel.ids import new_id

JSON = "application/json"


class Body(BaseModel):
    """A request body of a dialect: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to the canonical API; a body is any JSON value without Decimals."""

    method: str
    path: str
    query: Sequence[tuple[str, str | int]] = ()
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """Path and query, encoded."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Answer:
    """A canonical reply that succeeded: JSON with its numbers as int or Decimal, or the bytes of a file."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The canonical API answered with a problem (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        self.status = status
        self.problem = problem
        self.headers = headers
        super().__init__(problem.get("detail"))


@dataclass(frozen=True, slots=True)
class Call:
    """A request in the dialect; `body` is the operation's model, `currency` the workspace's default.

    `base` is where the dialect is mounted, for replies that name addresses; `new_id` makes ids.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    currency: str = "EUR"
    base: str = ""
    new_id: Callable[[], UUID] = new_id

    @property
    def id(self) -> str:
        """The path's id; raises NotFound for one that nothing can have."""
        return _uuid(self.parameters["id"]) or _raise(NotFound())

    def one(self, name: str) -> str | None:
        """A query parameter's value; the last one counts where there are several."""
        values = self.query.get(name)
        return values[-1] if values else None

    def one_id(self, name: str) -> str | None:
        """A query parameter that holds an id; raises Invalid naming it."""
        value = self.one(name)
        return value and (_uuid(value) or _raise(invalid(name, "must be a UUID")))

    def one_number(self, name: str, default: int, least: int, most: int) -> int:
        """A query parameter that holds a whole number within bounds; raises Invalid naming it."""
        value = self.one(name)
        if value is None:
            return default
        if not re.fullmatch(r"\d{1,9}", value) or not least <= int(value) <= most:
            raise invalid(name, f"must be a whole number from {least} to {most}")
        return int(value)

    def only(self, *names: str) -> dict[str, str]:
        """Those of these headers that were given."""
        return {name: self.headers[name] for name in names if name in self.headers}


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply in the dialect; Decimals in the body become exact JSON numbers, bytes are sent as they are.

    JSON unless a `content-type` among the headers says otherwise.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Translation = Generator[Ask, Answer, Reply]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter, as the description shows it."""

    name: str
    schema: Mapping[str, Any]
    description: str


@dataclass(frozen=True)
class Operation:
    """One endpoint of the dialect; `{name}` in its path is a parameter.

    `reply` is its JSON; `replies` has a model by media type where there are several (None: a file).
    `parameters` has schemas of those in its path that are neither ids nor plain text. `has_etag` is
    false where the last answer of ours is about another resource than the reply.
    """

    name: str
    method: str
    path: str
    tag: str
    summary: str
    translate: Callable[[Call], Translation]
    status: int = 200
    query: Sequence[Parameter] = ()
    request: type[BaseModel] | None = None
    reply: type[BaseModel] | None = None
    example: Any = None
    replies: Mapping[str, type[BaseModel] | None] = field(default_factory=dict)
    request_media: Sequence[str] = (JSON,)
    is_body_optional: bool = False
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    has_etag: bool = True

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the operation's paths, not yet decoded."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))

    def begin(self, call: Call) -> Translation:
        """Start the translation; raises Invalid where the body does not fit the operation's model."""
        if self.request is None or (self.is_body_optional and call.body is None):
            return self.translate(call)
        try:
            return self.translate(replace(call, body=self.request.model_validate(call.body)))
        except ValidationError as error:
            raise Invalid(errors=tuple(map(_field_error, error.errors()))) from error


@dataclass(frozen=True, slots=True)
class Dialect:
    """A vocabulary: its operations, and how it tells of a problem (a status and RFC 9457's members).

    `security` and `signing_in` say in OpenAPI's terms how callers sign in.
    """

    name: str
    title: str
    description: str
    version: str
    operations: Sequence[Operation]
    problem: Callable[[int, Mapping[str, Any]], Reply]
    problem_model: type[BaseModel]
    problem_media: str = JSON
    openapi: str = "3.1.0"
    security: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: API_KEY)
    signing_in: Sequence[Mapping[str, Sequence[str]]] = ({"ApiKey": []},)


API_KEY: Mapping[str, Mapping[str, str]] = {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}
"""The key in its header, as OpenAPI says it."""


def reply_with(model: BaseModel, status: int = 200) -> Reply:
    """A reply that shows this."""
    return Reply(status, model.model_dump())


def getting(path: str, to_reply: Callable[[Any], BaseModel]) -> Callable[[Call], Translation]:
    """The operation that reads one resource by its id."""

    def get(call: Call) -> Translation:
        ours = yield Ask("GET", f"{path}/{call.id}")
        return reply_with(to_reply(ours.body))

    return get


def asked(ask: Ask, rename: Callable[[str], str]) -> Generator[Ask, Answer, Answer]:
    """Ask, and let a refusal name the dialect's own fields: `rename` maps a pointer of ours to theirs."""
    try:
        return (yield ask)
    except Refused as refused:
        errors = [
            {**error, "pointer": rename(error["pointer"])} for error in refused.problem.get("errors", [])
        ]
        raise Refused(refused.status, {**refused.problem, "errors": errors}, refused.headers) from refused


def _field_error(fault: Mapping[str, Any]) -> FieldError:
    return FieldError("".join(f"/{part}" for part in fault["loc"]), fault["msg"])


def invalid(name: str, message: str) -> Invalid:
    """The error for a query parameter."""
    return Invalid(errors=(FieldError(name, message),))


def _uuid(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None


def _raise(error: Exception) -> Any:
    raise error
