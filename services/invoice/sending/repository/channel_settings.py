"""Rows of `channel_setting`; a deleted one stays, without its secret."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.invoice.sending.domain.channel_setting import ChannelSetting, ChannelSettingExists
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window
from shared.postgres.pool import Connection

_COLUMNS = """workspace_id, id, version, created_at, updated_at, kind, mode, description, options,
    secret_encrypted"""


@dataclass(frozen=True, slots=True)
class NoFilter:
    """All that are not deleted."""


_LIST = Listing(
    NoFilter,
    "channel_setting",
    _COLUMNS,
    scope="workspace_id = :workspace_id AND deleted_at IS NULL",
)


async def insert(tx: Connection, s: ChannelSetting) -> None:
    """Store a new setting; raises ChannelSettingExists."""
    try:
        await tx.execute(
            f"INSERT INTO channel_setting ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            *(getattr(s, name.strip()) for name in _COLUMNS.split(",")),
        )
    except asyncpg.UniqueViolationError as error:
        raise ChannelSettingExists(field="mode") from error


async def save(tx: Connection, s: ChannelSetting) -> None:
    """Store a changed setting."""
    await tx.execute(
        """UPDATE channel_setting SET version = $3, updated_at = $4, description = $5, options = $6,
            secret_encrypted = $7
        WHERE workspace_id = $1 AND id = $2""",
        s.workspace_id,
        s.id,
        s.version,
        s.updated_at,
        s.description,
        s.options,
        s.secret_encrypted,
    )


async def delete(tx: Connection, workspace_id: UUID, setting_id: UUID) -> None:
    """Forget the credentials; raises NotFound."""
    done = await tx.execute(
        """UPDATE channel_setting SET deleted_at = now(), secret_encrypted = NULL
        WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL""",
        workspace_id,
        setting_id,
    )
    if done == "UPDATE 0":
        raise_not_found("channel setting", setting_id)


async def get(tx: Connection, workspace_id: UUID, setting_id: UUID) -> ChannelSetting:
    """The setting; raises NotFound."""
    return await _get(tx, workspace_id, setting_id, "")


async def lock(tx: Connection, workspace_id: UUID, setting_id: UUID) -> ChannelSetting:
    """The setting, locked; raises NotFound."""
    return await _get(tx, workspace_id, setting_id, "FOR NO KEY UPDATE")


async def of_mode(tx: Connection, workspace_id: UUID, kind: str, mode: str) -> ChannelSetting | None:
    """The workspace's setting of this kind and mode, if it has one."""
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM channel_setting
        WHERE workspace_id = $1 AND kind = $2 AND mode = $3 AND deleted_at IS NULL""",
        workspace_id,
        kind,
        mode,
    )
    return ChannelSetting(**row) if row else None


async def find(tx: Connection, workspace_id: UUID, window: Window) -> Found[ChannelSetting]:
    """Settings, newest first."""
    return await _LIST.find(tx, workspace_id, NoFilter(), window, lambda row: ChannelSetting(**row))


async def _get(tx: Connection, workspace_id: UUID, setting_id: UUID, locking: str) -> ChannelSetting:
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM channel_setting
        WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL {locking}""",
        workspace_id,
        setting_id,
    )
    return ChannelSetting(**row) if row else raise_not_found("channel setting", setting_id)
