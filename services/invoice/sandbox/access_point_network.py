"""The sandbox access point's network as a table: all processes of the service see the same one."""

from uuid import UUID

from services.invoice.e_invoices import repository as e_invoices
from services.invoice.e_invoices.providers.access_point import SANDBOX, Hint
from services.invoice.e_invoices.validation.process import ValidationProcess
from services.invoice.sandbox.access_point import SandboxAccessPoint, Transmission
from shared.postgres.transaction import Database


class TableNetwork:
    """What one workspace's sandbox has been handed."""

    def __init__(self, database: Database, workspace_id: UUID) -> None:
        self._database = database
        self._workspace_id = workspace_id

    async def accept(self, guid: UUID, receiver: str, document_sha256: str) -> bool:
        """Keep the transmission, or count that it came again; whether it is new."""
        async with self._database.transaction(self._workspace_id) as tx:
            count: int = await tx.fetchval(
                """INSERT INTO sandbox_transmission AS known (workspace_id, guid, receiver, document_sha256)
                VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, guid)
                DO UPDATE SET submission_count = known.submission_count + 1 RETURNING submission_count""",
                self._workspace_id,
                guid,
                receiver,
                document_sha256,
            )
        return count == 1

    async def find(self, guid: UUID) -> bool:
        """Whether the network has it."""
        async with self._database.transaction(self._workspace_id) as tx:
            is_known: bool = await tx.fetchval(
                "SELECT EXISTS (SELECT FROM sandbox_transmission WHERE workspace_id = $1 AND guid = $2)",
                self._workspace_id,
                guid,
            )
        return is_known

    async def look(self, guid: UUID) -> Transmission | None:
        """The transmission, this look counted."""
        async with self._database.transaction(self._workspace_id) as tx:
            row = await tx.fetchrow(
                """UPDATE sandbox_transmission SET poll_count = poll_count + 1
                WHERE workspace_id = $1 AND guid = $2 RETURNING receiver, document_sha256, poll_count""",
                self._workspace_id,
                guid,
            )
        return Transmission(**row) if row else None


def open_access_point(
    database: Database, workspace_id: UUID, validation: ValidationProcess, slow_seconds: float
) -> SandboxAccessPoint:
    """A workspace's account at the sandbox; its webhooks arrive at once."""

    async def deliver(hint: Hint) -> None:
        async with database.transaction(workspace_id) as tx:
            await e_invoices.wake(tx, workspace_id, SANDBOX, hint.reference)

    network = TableNetwork(database, workspace_id)
    return SandboxAccessPoint(network, validation.findings, slow_seconds, deliver)
