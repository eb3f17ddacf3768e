"""The unit of work of a request: begun in its workspace, committed before the answer leaves."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from shared.http import idempotency
from shared.http.internal_auth import current_principal
from shared.messaging import work as units
from shared.postgres.transaction import Database


async def begin_work(request: Request) -> AsyncIterator[units.Work]:
    """One unit for the whole request; with an Idempotency-Key the first reply comes from its transaction."""
    principal = await current_principal(request)
    database: Database = request.app.state.database
    async with units.begin(database, principal.workspace_id) as unit:
        await idempotency.begin(request, unit.tx, principal.workspace_id)
        yield unit.within(principal.workspace_id, principal.clock, principal.actor)


# Function scope: with FastAPI's default the answer would leave before the commit.
Work = Annotated[units.Work, Depends(begin_work, scope="function")]
"""An argument of a route: its unit of work, in the workspace and on the clock of whoever asks."""
