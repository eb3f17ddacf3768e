"""The proof: every identity of money recomputed, for one workspace or for all."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from services.payment.ledger.repository import identities, proofs
from services.payment.ledger.repository.identities import Finding
from shared.kernel.errors import BillingError
from shared.messaging.work import Work
from shared.postgres.pool import Connection

MAX_SECONDS = 25
"""Less than a caller of the API waits."""


class ProvedJustNow(BillingError):
    """A workspace's money is proved once a minute; the last proof says how it stood."""

    code = "proved_just_now"
    status = HTTPStatus.TOO_MANY_REQUESTS


class ProofTooLong(BillingError):
    """So much money takes longer to prove than a request may; the operator proves it by command."""

    code = "proof_too_long"
    status = HTTPStatus.SERVICE_UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Proof:
    """How every identity stood at that time."""

    proved_at: datetime
    findings: list[Finding]


async def prove_workspace(work: Work) -> Proof:
    """Recompute every identity of the workspace's money; raises ProvedJustNow and ProofTooLong."""
    proved_at = await proofs.claim(work.tx, work.workspace_id)
    if proved_at is None:
        raise ProvedJustNow(retry_after_seconds=await proofs.seconds_left(work.tx, work.workspace_id))
    try:
        async with asyncio.timeout(MAX_SECONDS):
            return Proof(proved_at, await prove(work.tx, work.workspace_id))
    except TimeoutError as error:
        raise ProofTooLong from error


async def prove(tx: Connection, workspace_id: UUID | None = None) -> list[Finding]:
    """How each identity stands; for all workspaces `tx` is a worker's."""
    return [await identities.check(tx, name, workspace_id) for name in identities.IDENTITIES]


def report(findings: list[Finding]) -> str:
    """A line for each identity, and below it what it does not hold of."""
    lines = []
    for finding in findings:
        verdict = "ok   " if not finding.fault_count else "FAULT"
        lines.append(
            f"{verdict} {finding.name}: {finding.checked_count} checked, {finding.fault_count} wrong"
        )
        lines += [f"        {fault}" for fault in finding.faults]
        if finding.fault_count > len(finding.faults):
            lines.append(f"        … and {finding.fault_count - len(finding.faults)} more")
    return "\n".join(lines)
