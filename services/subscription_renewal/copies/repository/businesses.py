"""SQL of the copies of business profiles."""

from uuid import UUID

from services.subscription_renewal.copies.domain.business import Business
from shared.kernel.pricing import Rounding
from shared.postgres.pool import Connection


async def store(tx: Connection, business: Business) -> None:
    """Keep the newest copy of the profile."""
    await tx.execute(
        """INSERT INTO business_copy (workspace_id, sequence, rounding_level, rounding_mode)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (workspace_id) DO UPDATE SET sequence = excluded.sequence,
            rounding_level = excluded.rounding_level, rounding_mode = excluded.rounding_mode
        WHERE business_copy.sequence < excluded.sequence""",
        business.workspace_id,
        business.sequence,
        business.rounding.level,
        business.rounding.mode,
    )


async def rounding(tx: Connection, workspace_id: UUID) -> Rounding | None:
    """How the workspace's business rounds; None where nothing was heard of it."""
    row = await tx.fetchrow(
        "SELECT rounding_level, rounding_mode FROM business_copy WHERE workspace_id = $1", workspace_id
    )
    return Rounding(*row) if row else None
