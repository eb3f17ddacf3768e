"""Prove the audit log: `python -m shared.runtime.audit_proof [workspace id]`; 1 where a chain is broken.

Environment: POSTGRES_WORKER_DSN, a service's worker login; and, for the chains of the others in the same
run, POSTGRES_WORKER_DSN_INVOICE, POSTGRES_WORKER_DSN_GATEWAY and so on.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from uuid import UUID

from shared.environment import require_variable
from shared.postgres import audit
from shared.postgres.pool import PoolLimits, create_pool
from shared.postgres.roles import SERVICES
from shared.postgres.transaction import Database
from shared.runtime.settings import DSN_EXAMPLE

_VARIABLE = "POSTGRES_WORKER_DSN"
# A proof reads every entry there is.
_LIMITS = PoolLimits(min_size=1, max_size=1, statement_timeout_seconds=3600)


def run(arguments: Sequence[str]) -> int:
    """Print how the chains of every service that can be reached stand; 1 where one is broken."""
    workspace_id = UUID(arguments[0]) if arguments else None
    dsns = {require_variable(_VARIABLE, DSN_EXAMPLE)}
    dsns |= {dsn for name in SERVICES if (dsn := os.environ.get(f"{_VARIABLE}_{name.upper()}"))}
    are_broken = [asyncio.run(_prove(dsn, workspace_id)) for dsn in sorted(dsns)]
    return int(any(are_broken))


async def _prove(dsn: str, workspace_id: UUID | None) -> bool:
    async with await create_pool(dsn, "audit-prove", _LIMITS) as pool:
        async with Database(pool).transaction() as tx:
            schema = await tx.fetchval("SELECT current_schema()")
            proofs = [proof async for proof in audit.prove(tx, workspace_id)]
    broken = [proof for proof in proofs if proof.faults]
    entry_count = sum(proof.entry_count for proof in proofs)
    verdict = "FAULT" if broken else "ok   "
    counts = f"{entry_count} entries in {len(proofs)} chains, {len(broken)} broken"
    lines = [f"{verdict} audit log of {schema}: {counts}"]
    lines += [f"        {one.workspace_id}: {fault}" for one in broken for fault in one.faults[:20]]
    sys.stdout.write("\n".join(lines) + "\n")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
