"""Keeps the audit log's chains: seals what is new, and proves one workspace after another."""

from dataclasses import dataclass
from uuid import UUID

import structlog
from prometheus_client import Gauge

from shared.postgres import audit
from shared.postgres.transaction import Database

SEAL_INTERVAL_SECONDS = 2.0
WATCH_INTERVAL_SECONDS = 600.0
START = UUID(int=0)
UNSEALED = Gauge(
    "billing_audit_unsealed_oldest_seconds",
    "How long the oldest entry of the audit log has waited for its place in a chain.",
    ["service"],
)
BROKEN = Gauge(
    "billing_audit_broken_chains", "Workspaces whose audit log is not as it was written.", ["service"]
)
log = structlog.get_logger()


@dataclass(slots=True)
class Chains:
    """The chains of one service."""

    service: str
    database: Database
    _last: UUID = START
    _broken: frozenset[UUID] = frozenset()

    def __post_init__(self) -> None:
        for gauge in (UNSEALED, BROKEN):
            gauge.labels(self.service)

    async def seal(self) -> bool:
        """Seal what is new; whether there may be more."""
        has_more = await audit.seal(self.database)
        async with self.database.transaction() as tx:
            UNSEALED.labels(self.service).set(await audit.oldest_unsealed_seconds(tx))
        return has_more

    async def watch(self) -> bool:
        """Prove the chain of the next workspace, and note how many are broken."""
        async with self.database.transaction() as tx:
            workspace_id = await audit.next_workspace(tx, self._last)
            proofs = [one async for one in audit.prove(tx, workspace_id)] if workspace_id else []
        self._last = workspace_id or START
        for proof in proofs:
            change = {proof.workspace_id}
            self._broken = self._broken | change if proof.faults else self._broken - change
            if proof.faults:
                log.error(
                    "audit.chain_broken", workspace_id=str(proof.workspace_id), faults=proof.faults[:10]
                )
        BROKEN.labels(self.service).set(len(self._broken))
        return False
