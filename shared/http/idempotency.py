"""Idempotency-Key: a reply is stored in its effect's transaction: neither exists without the other."""

import hashlib
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, cast
from uuid import UUID

import asyncpg
from fastapi import Request, Response
from pydantic import TypeAdapter, ValidationError

from shared.http import body as json_body
from shared.http import errors, queries
from shared.kernel.errors import BadRequest, Conflict, FieldError, Invalid
from shared.kernel.json import Json
from shared.postgres.pool import Connection, Row

MAX_KEY_LENGTH = 255
LARGE_BYTES = 256 * 1024
MANY_FAULTS = 1_000
FIRST_FAULTS = 20
# The lock is released by the end of the transaction; the primary key is the second line of defence.
_FIND = """
SELECT pg_try_advisory_xact_lock(hashtextextended($1::text || $2, 0)) AS is_ours,
       k.request_sha256, k.status, k.headers, k.body
FROM (SELECT) AS one LEFT JOIN idempotency_key k ON k.workspace_id = $1::uuid AND k.key = $2
"""
_FIND_MANY = """
SELECT asked.key, pg_try_advisory_xact_lock(hashtextextended($1::text || asked.key, 0)) AS is_ours,
       k.request_sha256, k.status, k.headers, k.body
FROM unnest($2::text[]) AS asked (key)
LEFT JOIN idempotency_key k ON k.workspace_id = $1::uuid AND k.key = asked.key
"""
_STORE = """
INSERT INTO idempotency_key (workspace_id, key, request_sha256, status, headers, body)
SELECT $1, * FROM unnest($2::text[], $3::bytea[], $4::smallint[], $5::jsonb[], $6::bytea[])
"""


class RequestInFlight(Conflict):
    """A request with this Idempotency-Key is being worked on; try again shortly."""

    code = "idempotency_key_in_flight"


class KeyReused(Invalid):
    """This Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Key:
    """An Idempotency-Key and what the request asks for: its JSON's value, whatever order it is written in."""

    text: str
    sha256: bytes
    # The same of its bytes alone, as the release before kept it.
    sha256_of_bytes: bytes


Answered = tuple[Key, Response]
"""A key and the reply that its request has."""


class Replay(Exception):
    """The request was answered before; holds that answer."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__()


class Route(queries.Route):
    """Reads bodies exactly, refuses what none of the route reads, and stores the reply of a keyed POST.

    That is stored before its transaction commits.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            await _read_body(request)
            if self.body_field is None and request.method not in ("GET", "HEAD"):
                await _refuse_body(request)
            elif self.body_field and hasattr(request, "_json") and len(await request.body()) > LARGE_BYTES:
                _refuse_many_faults(self.body_field.field_info.annotation, request._json)
            try:
                response = await handle(request)
            except Replay as replay:
                return replay.response
            keyed = request.scope.get("idempotency")
            if keyed and 200 <= response.status_code < 300:
                tx, workspace_id, key = keyed
                await store(tx, workspace_id, [(key, response)])
            return response

        return answer


async def begin(request: Request, tx: Connection, workspace_id: UUID) -> None:
    """Look the request's key up within its transaction; raises Replay, RequestInFlight or KeyReused."""
    text = request.headers.get("idempotency-key")
    if text is None or request.method != "POST":
        return
    target = f"{request.method} {request.url.path}?{request.url.query}"
    value = (request._json,) if hasattr(request, "_json") else ()
    key = read_key(text, target, await request.body(), *value)
    row = await tx.fetchrow(_FIND, workspace_id, key.text)
    assert row is not None
    _refuse(row, key)
    if row["status"] is not None:
        raise Replay(_replay(row))
    request.scope["idempotency"] = (tx, workspace_id, key)


def read_key(text: str, target: str, content: bytes, *values: Json) -> Key:
    """The key of a request for `METHOD path?query` with this body, of JSON its value; raises BadRequest."""
    if not 1 <= len(text) <= MAX_KEY_LENGTH or not text.isprintable():
        raise BadRequest(f"Idempotency-Key must have 1 to {MAX_KEY_LENGTH} printable characters.")
    start = target.encode() + b"\n"
    of_bytes = hashlib.sha256(start + content).digest()
    of_values = [json.dumps(value, sort_keys=True, default=str).encode() for value in values]
    return Key(text, hashlib.sha256(start + of_values[0]).digest() if of_values else of_bytes, of_bytes)


async def find(
    tx: Connection, workspace_id: UUID, keys: Sequence[Key | None]
) -> list[Response | KeyReused | RequestInFlight | None]:
    """What is to be said where the request of a key, in their order, may not have its effect now.

    The others are held until the end of the transaction, in which `store` keeps their replies.
    """
    asked = list({key.text for key in keys if key})
    rows = {row["key"]: row for row in await tx.fetch(_FIND_MANY, workspace_id, asked)} if asked else {}
    return [_told(rows[key.text], key) if key else None for key in keys]


async def store(tx: Connection, workspace_id: UUID, answered: Sequence[Answered]) -> None:
    """Keep these replies, each for its key; raises RequestInFlight where one is there already."""
    if not answered:
        return
    columns = zip(*(_values(key, response) for key, response in answered), strict=True)
    try:
        await tx.execute(_STORE, workspace_id, *map(list, columns))
    except asyncpg.UniqueViolationError as error:
        raise RequestInFlight(retry_after_seconds=1) from error


def _told(row: Row, key: Key) -> Response | KeyReused | RequestInFlight | None:
    try:
        _refuse(row, key)
    except (KeyReused, RequestInFlight) as refusal:
        return refusal
    return None if row["status"] is None else _replay(row)


def _refuse(row: Row, key: Key) -> None:
    """Raise KeyReused or RequestInFlight, where one of them is the case."""
    if row["status"] is None and not row["is_ours"]:
        raise RequestInFlight(retry_after_seconds=1)
    if row["status"] is not None and row["request_sha256"] not in (key.sha256, key.sha256_of_bytes):
        raise KeyReused(field="Idempotency-Key")


def _values(key: Key, response: Response) -> tuple[object, ...]:
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return key.text, key.sha256, response.status_code, headers, bytes(response.body)


def _replay(row: Row) -> Response:
    response = Response(row["body"], row["status"], row["headers"])
    response.headers["idempotent-replayed"] = "true"
    return response


def _refuse_many_faults(annotation: object, value: Json) -> None:
    """Raise Invalid, with the first faults alone, where a large body has more of them than anybody reads.

    To tell of each of a hundred thousand would keep every other request waiting.
    """
    adapter = _adapter(annotation)
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        if error.error_count() <= MANY_FAULTS:
            return
        try:
            adapter.validate_python(_shorten(value))
        except ValidationError as first:
            faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in first.errors(include_url=False)]
            told = errors.from_validation(faults[:FIRST_FAULTS])
            raise Invalid(f"{error.error_count()} fields cannot be taken.", errors=told.errors) from None


@cache
def _adapter(annotation: object) -> TypeAdapter[object]:
    return TypeAdapter(cast("type[object]", annotation))


def _shorten(value: Json) -> Json:
    """The value with the beginning of each of its lists, and of its objects."""
    if isinstance(value, list):
        return [_shorten(item) for item in value[:FIRST_FAULTS]]
    if isinstance(value, dict):
        return {key: _shorten(value[key]) for key in islice(value, FIRST_FAULTS)}
    return value


async def _refuse_body(request: Request) -> None:
    """Raise Invalid for fields that the route would not read: whoever sent them believes that they count."""
    content = (await request.body()).strip()
    said = json_body.parse(content) if content else None
    if said and not isinstance(said, dict):
        raise Invalid("This takes no body.", field="")
    if said:
        raise Invalid(
            errors=tuple(
                FieldError(f"/{json_body.escape_pointer(name)}", "Extra inputs are not permitted")
                for name in said
            )
        )


async def _read_body(request: Request) -> None:
    content = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content and (kind == "application/json" or kind.endswith("+json")):
        # FastAPI asks request.json() next: it finds our value, whose numbers never were floats.
        request._json = json_body.parse(content)
