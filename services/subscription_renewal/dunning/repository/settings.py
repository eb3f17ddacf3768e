"""SQL of what workspaces want done about failed collections."""

from uuid import UUID

from services.subscription_renewal.dunning.domain.settings import DunningSettings
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

_COLUMNS = "workspace_id, version, updated_at, preset, intervals_days, terminal_action"
_SAVE = Statement(f"""
INSERT INTO dunning_settings ({_COLUMNS})
VALUES (:workspace_id, :version, :updated_at, :preset, :intervals_days, :terminal_action)
ON CONFLICT (workspace_id) DO UPDATE SET version = excluded.version, updated_at = excluded.updated_at,
    preset = excluded.preset, intervals_days = excluded.intervals_days,
    terminal_action = excluded.terminal_action
""")


async def get(tx: Connection, workspace_id: UUID) -> DunningSettings:
    """The workspace's settings, or the defaults."""
    row = await tx.fetchrow(f"SELECT {_COLUMNS} FROM dunning_settings WHERE workspace_id = $1", workspace_id)
    if row is None:
        return DunningSettings(workspace_id)
    return DunningSettings(**{**row, "intervals_days": tuple(row["intervals_days"])})


async def lock(tx: Connection, workspace_id: UUID) -> DunningSettings:
    """The same, with other changes kept out until the transaction ends."""
    # There may be no row to lock yet.
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('dunning_settings ' || $1::text, 0))",
        str(workspace_id),
    )
    return await get(tx, workspace_id)


async def save(tx: Connection, settings: DunningSettings) -> None:
    """Store the settings."""
    await _SAVE.execute(tx, settings)
