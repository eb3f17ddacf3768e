"""The transaction of a request: opened for its workspace, committed before the answer leaves."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from shared.http import idempotency
from shared.http.internal_auth import current_principal
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database


async def open_transaction(request: Request) -> AsyncIterator[Connection]:
    """One transaction for the whole request; with an Idempotency-Key the first reply comes from here."""
    principal = await current_principal(request)
    database: Database = request.app.state.database
    async with database.transaction(principal.workspace_id) as tx:
        await idempotency.begin(request, tx, principal.workspace_id)
        yield tx


# Function scope: with FastAPI's default the answer would leave before the commit.
Tx = Annotated[Connection, Depends(open_transaction, scope="function")]
