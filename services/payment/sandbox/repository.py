"""The sandbox provider's book as a table: all processes of the service see the same provider."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

Document = dict[str, Any]
# Of the rest we hear by asking; these come by themselves, at any time.
_HEARD = ("charge.dispute.", "refund.failed")


class TableStore:
    """The books of all workspaces; an account is a workspace's id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def open(self, account: str) -> AsyncIterator["TablePage"]:
        """One transaction, which waits for the account's others."""
        workspace_id = UUID(account)
        async with self._database.transaction(workspace_id) as tx:
            await tx.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('sandbox' || $1::text, 0))", account
            )
            yield TablePage(tx, workspace_id)


class TablePage:
    """The documents of one workspace within one transaction."""

    def __init__(self, tx: Connection, workspace_id: UUID) -> None:
        self._tx = tx
        self._workspace_id = workspace_id

    async def get(self, kind: str, key: str) -> Document | None:
        """The document with this key."""
        document: Document | None = await self._tx.fetchval(
            "SELECT body FROM sandbox_document WHERE workspace_id = $1 AND kind = $2 AND key = $3",
            self._workspace_id,
            kind,
            key,
        )
        return document

    async def find(self, kind: str, group: str | None = None) -> list[Document]:
        """The documents of this kind, or of one group of it, in the order in which they were first put."""
        rows = await self._tx.fetch(
            """SELECT body FROM sandbox_document WHERE workspace_id = $1 AND kind = $2
            AND ($3::text IS NULL OR group_key = $3) ORDER BY position""",
            self._workspace_id,
            kind,
            group,
        )
        return [row["body"] for row in rows]

    async def put(self, kind: str, key: str, document: Document, group: str = "") -> None:
        """Store the document."""
        await self._tx.execute(
            """INSERT INTO sandbox_document (workspace_id, kind, key, group_key, body)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (workspace_id, kind, key) DO UPDATE SET body = excluded.body""",
            self._workspace_id,
            kind,
            key,
            group,
            document,
        )
        if kind == "event" and document["type"].startswith(_HEARD):
            await self._hint(document)

    async def _hint(self, event: Document) -> None:
        """What a webhook would bring: it comes a moment after what it tells of, as those do."""
        await self._tx.execute(
            """INSERT INTO provider_event
                (workspace_id, provider, mode, event_id, type, object_id, next_step_at)
            VALUES ($1, 'sandbox', 'test', $2, $3, $4, clock_timestamp() + interval '1 second')
            ON CONFLICT DO NOTHING""",
            self._workspace_id,
            event["id"],
            event["type"],
            event["data"]["object"]["id"],
        )

    async def drop(self, kind: str) -> None:
        """Forget all documents of this kind."""
        await self._tx.execute(
            "DELETE FROM sandbox_document WHERE workspace_id = $1 AND kind = $2", self._workspace_id, kind
        )
