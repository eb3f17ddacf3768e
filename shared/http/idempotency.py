"""Idempotency-Key: a reply is stored in its effect's transaction: neither exists without the other."""

import hashlib
import json
from collections.abc import Callable, Coroutine
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
_STORE = """
INSERT INTO idempotency_key (workspace_id, key, request_sha256, status, headers, body)
VALUES ($1, $2, $3, $4, $5, $6)
"""


class RequestInFlight(Conflict):
    """A request with this Idempotency-Key is being worked on; try again shortly."""

    code = "idempotency_key_in_flight"


class KeyReused(Invalid):
    """This Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"


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
                tx, workspace_id, key, sha256 = keyed
                await _store(tx, workspace_id, key, sha256, response)
            return response

        return answer


async def begin(request: Request, tx: Connection, workspace_id: UUID) -> None:
    """Look the request's key up within its transaction; raises Replay, RequestInFlight or KeyReused."""
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return
    if not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isprintable():
        raise BadRequest(f"Idempotency-Key must have 1 to {MAX_KEY_LENGTH} printable characters.")
    fingerprint = await _fingerprint(request)
    row = await tx.fetchrow(_FIND, workspace_id, key)
    assert row is not None
    if row["status"] is not None:
        if row["request_sha256"] not in (fingerprint, await _fingerprint_of_bytes(request)):
            raise KeyReused(field="Idempotency-Key")
        raise Replay(_replay(row))
    if not row["is_ours"]:
        raise RequestInFlight(retry_after_seconds=1)
    request.scope["idempotency"] = (tx, workspace_id, key, fingerprint)


async def _store(tx: Connection, workspace_id: UUID, key: str, sha256: bytes, response: Response) -> None:
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    try:
        await tx.execute(
            _STORE, workspace_id, key, sha256, response.status_code, headers, bytes(response.body)
        )
    except asyncpg.UniqueViolationError as error:
        raise RequestInFlight(retry_after_seconds=1) from error


def _replay(row: Row) -> Response:
    response = Response(row["body"], row["status"], row["headers"])
    response.headers["idempotent-replayed"] = "true"
    return response


async def _fingerprint(request: Request) -> bytes:
    """What the request asks for: of JSON its value, in whatever order and spacing its fields were written."""
    if not hasattr(request, "_json"):
        return await _fingerprint_of_bytes(request)
    value = json.dumps(request._json, sort_keys=True, default=str)
    return hashlib.sha256(_target(request) + value.encode()).digest()


async def _fingerprint_of_bytes(request: Request) -> bytes:
    """The same of its bytes alone, as the release before kept it."""
    return hashlib.sha256(_target(request) + await request.body()).digest()


def _target(request: Request) -> bytes:
    return f"{request.method} {request.url.path}?{request.url.query}\n".encode()


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
