"""Makes, replaces and revokes API keys. The text of a key is known while it is made, and to nobody later."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.gateway.keys import repository as api_keys
from services.gateway.keys.domain import api_key as api_key_rules
from services.gateway.keys.domain.api_key import ApiKey
from services.gateway.workspaces.domain import Workspace
from shared.postgres.pool import Connection


async def create_api_key(
    tx: Connection,
    workspace: Workspace,
    name: str,
    scopes: Sequence[str],
    *,
    expires_at: datetime | None,
    created_by: str,
    pepper: str,
    maker_expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key of the workspace and its text, which is stored nowhere.

    `maker_expires_at` is when the credential ends that makes it. Raises KeyOutlivesItsMaker or
    KeyExpiresInThePast.
    """
    expires_at = api_key_rules.expiry_of_made(expires_at, maker_expires_at)
    key, text = api_key_rules.create(
        workspace.id,
        workspace.mode,
        name,
        scopes,
        created_by=created_by,
        now=datetime.now(UTC),
        pepper=pepper,
        expires_at=expires_at,
    )
    await api_keys.insert(tx, key)
    return key, text


async def rotate_api_key(
    tx: Connection,
    workspace: Workspace,
    key_id: UUID,
    *,
    grace: timedelta,
    expires_at: datetime | None,
    created_by: str,
    pepper: str,
    maker_expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A key that takes this one's place, and its text; the old one still opens during the grace time.

    Raises NotFound, KeyNotUsable, KeyAlreadyRotated, KeyOutlivesItsMaker or KeyExpiresInThePast.
    """
    key = await api_keys.lock(tx, workspace.id, key_id)
    successor, ending, text = api_key_rules.rotate(
        key,
        workspace.mode,
        created_by=created_by,
        now=datetime.now(UTC),
        pepper=pepper,
        grace=grace,
        expires_at=expires_at,
        maker_expires_at=maker_expires_at,
    )
    await api_keys.insert(tx, successor)
    await api_keys.save_end(tx, ending)
    return successor, text


async def revoke_api_key(tx: Connection, workspace_id: UUID, key_id: UUID) -> ApiKey:
    """Make the key useless; doing it again changes nothing."""
    key = api_key_rules.revoke(await api_keys.lock(tx, workspace_id, key_id), datetime.now(UTC))
    await api_keys.save_end(tx, key)
    return key
