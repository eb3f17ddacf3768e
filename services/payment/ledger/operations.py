"""The proof: every identity of money recomputed, for one workspace or for all."""

from uuid import UUID

from services.payment.ledger.repository import identities
from services.payment.ledger.repository.identities import Finding
from shared.postgres.pool import Connection


async def prove(tx: Connection, workspace_id: UUID | None = None) -> list[Finding]:
    """How each identity stands; `tx` is a worker's, which sees all workspaces."""
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
