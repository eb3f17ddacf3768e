"""SQL of the console's sessions; expiry is by Postgres's time, which all replicas share."""

from typing import Any

from shared.postgres.pool import Connection

_INSERT = """
INSERT INTO console_session (digest, credential, workspace_slug, expires_at)
VALUES ($1, $2, $3, now() + make_interval(secs => $4))
"""
_FIND = "SELECT credential, workspace_slug FROM console_session WHERE digest = $1 AND expires_at > now()"
# Returned and removed in one statement: of two pages that ask at once, one shows it.
_TAKE_NOTICE = """
UPDATE console_session SET notice = NULL, notice_path = NULL
WHERE digest = $1 AND notice_path = $2 RETURNING old.notice
"""


async def insert(
    tx: Connection, digest: bytes, credential: bytes, workspace_slug: str | None, seconds: int
) -> None:
    """Store a session that lives for so many seconds."""
    await tx.execute(_INSERT, digest, credential, workspace_slug, seconds)


async def find(tx: Connection, digest: bytes) -> tuple[bytes, str | None] | None:
    """The sealed credential and the chosen workspace of a session that has not expired."""
    row: Any = await tx.fetchrow(_FIND, digest)
    return (row["credential"], row["workspace_slug"]) if row else None


async def choose_workspace(tx: Connection, digest: bytes, workspace_slug: str | None) -> None:
    """Store which workspace is open."""
    await tx.execute(
        "UPDATE console_session SET workspace_slug = $2 WHERE digest = $1", digest, workspace_slug
    )


async def leave_notice(tx: Connection, digest: bytes, path: str, notice: bytes) -> None:
    """Store what the page at this path shows."""
    await tx.execute(
        "UPDATE console_session SET notice_path = $2, notice = $3 WHERE digest = $1", digest, path, notice
    )


async def take_notice(tx: Connection, digest: bytes, path: str) -> bytes | None:
    """What the page at this path shows; it is gone then."""
    found: bytes | None = await tx.fetchval(_TAKE_NOTICE, digest, path)
    return found


async def delete(tx: Connection, digest: bytes) -> None:
    """End a session, if there is one."""
    await tx.execute("DELETE FROM console_session WHERE digest = $1", digest)
