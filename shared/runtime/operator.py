"""What the gateway asks on an operator's behalf: dead letters and lanes; never reachable from outside."""

import base64
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from shared.http.fields import Body
from shared.http.idempotency import Route
from shared.http.internal_auth import Who
from shared.kernel.errors import Forbidden
from shared.messaging import letters
from shared.postgres.pool import Connection

PLATFORM = UUID(int=0)
"""The workspace that an operator's token names: none of them."""
MAX_LIMIT = 500


class Why(Body):
    """The reason that is kept with it."""

    reason: str = Field(min_length=1, max_length=500)


async def operators_transaction(request: Request, who: Who) -> AsyncIterator[Connection]:
    """A transaction over all workspaces; raises Forbidden for whoever speaks for one of them."""
    if who.workspace_id != PLATFORM:
        raise Forbidden("Only an operator may do this.")
    async with request.app.state.parts.worker.transaction() as tx:
        yield tx


Tx = Annotated[Connection, Depends(operators_transaction, scope="function")]
router = APIRouter(prefix="/internal", include_in_schema=False, route_class=Route)


@router.get("/dead-letters")
async def list_(
    tx: Tx,
    status: str | None = None,
    workspace_id: UUID | None = None,
    after: int = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> list[dict[str, object]]:
    """The letters, in the order in which they first died."""
    return await letters.page(tx, status, workspace_id, after, limit)


@router.get("/dead-letters/{letter_id}")
async def show(letter_id: UUID, tx: Tx) -> dict[str, object]:
    """One letter with what is in it."""
    letter = await letters.show(tx, letter_id)
    value = letter.pop("value")
    assert isinstance(value, bytes)
    return {
        **letter,
        "value": value.decode("utf-8", "replace"),
        "value_base64": base64.b64encode(value).decode(),
    }


@router.post("/dead-letters/{letter_id}/replay", status_code=202)
async def replay(letter_id: UUID, tx: Tx) -> dict[str, object]:
    """Try it again within a second or so."""
    await letters.ask(tx, letter_id)
    return await show(letter_id, tx)


@router.post("/dead-letters/{letter_id}/drop")
async def drop(letter_id: UUID, body: Why, tx: Tx, who: Who) -> dict[str, object]:
    """Never apply it."""
    await letters.drop(tx, letter_id, who.actor, body.reason)
    return await show(letter_id, tx)


@router.get("/lanes")
async def lanes(tx: Tx) -> list[dict[str, object]]:
    """The workspaces whose events are set aside."""
    return await letters.lanes(tx)


@router.post("/lanes/{workspace_id}/set-aside")
async def set_aside(workspace_id: UUID, body: Why, tx: Tx, who: Who) -> list[dict[str, object]]:
    """Let its events wait."""
    await letters.set_aside(tx, workspace_id, body.reason, who.actor)
    return await letters.lanes(tx)


@router.post("/lanes/{workspace_id}/resume", status_code=202)
async def resume(workspace_id: UUID, tx: Tx) -> list[dict[str, object]]:
    """Apply what waits, and go on."""
    await letters.resume(tx, workspace_id)
    return await letters.lanes(tx)
