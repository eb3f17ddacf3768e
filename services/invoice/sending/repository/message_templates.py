"""Rows of `message_template`: one for each kind, channel and locale of a workspace."""

from typing import Any
from uuid import UUID

import asyncpg

from services.invoice.sending.domain.message_template import MessageTemplate, MessageTemplateExists
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_NAMES = "workspace_id id version created_at updated_at kind channel locale subject html body".split()
_COLUMNS = ", ".join(_NAMES)
_FILTERS = """workspace_id = $1 AND ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR channel = $3)
    AND ($4::text IS NULL OR locale = $4)"""
_FILTER_NAMES = ("kind", "channel", "locale")


async def insert(tx: Connection, template: MessageTemplate) -> None:
    """Store a new template; raises MessageTemplateExists."""
    try:
        await tx.execute(
            f"""INSERT INTO message_template ({_COLUMNS})
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
            *(getattr(template, name) for name in _NAMES),
        )
    except asyncpg.UniqueViolationError as error:
        raise MessageTemplateExists(field="kind") from error


async def save(tx: Connection, template: MessageTemplate) -> None:
    """Store a changed template."""
    await tx.execute(
        """UPDATE message_template SET version = $3, updated_at = $4, subject = $5, html = $6, body = $7
        WHERE workspace_id = $1 AND id = $2""",
        template.workspace_id,
        template.id,
        template.version,
        template.updated_at,
        template.subject,
        template.html,
        template.body,
    )


async def delete(tx: Connection, workspace_id: UUID, template_id: UUID) -> None:
    """Remove it: ours is used again. Raises NotFound."""
    done = await tx.execute(
        "DELETE FROM message_template WHERE workspace_id = $1 AND id = $2", workspace_id, template_id
    )
    if done == "DELETE 0":
        raise_not_found("message template", template_id)


async def get(tx: Connection, workspace_id: UUID, template_id: UUID) -> MessageTemplate:
    """The template; raises NotFound."""
    return await _one(tx, workspace_id, template_id, "")


async def lock(tx: Connection, workspace_id: UUID, template_id: UUID) -> MessageTemplate:
    """The template, locked; raises NotFound."""
    return await _one(tx, workspace_id, template_id, "FOR NO KEY UPDATE")


async def of_use(
    tx: Connection, workspace_id: UUID, kind: str, channel: str, locale: str
) -> MessageTemplate | None:
    """The workspace's template for this use, if it has one."""
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM message_template
        WHERE workspace_id = $1 AND kind = $2 AND channel = $3 AND locale = $4""",
        workspace_id,
        kind,
        channel,
        locale,
    )
    return MessageTemplate(**row) if row else None


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[MessageTemplate]:
    """Templates, newest first: `kind`, `channel`, `locale`, and a slice."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM message_template WHERE {_FILTERS} AND ($5::uuid IS NULL OR id < $5)
        ORDER BY id DESC LIMIT $6 OFFSET $7""",
        workspace_id,
        *(filters[name] for name in (*_FILTER_NAMES, "after", "limit", "offset")),
    )
    return [MessageTemplate(**row) for row in rows]


async def count(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> int:
    """How many templates the filters find."""
    found: int = await tx.fetchval(
        f"SELECT count(*) FROM message_template WHERE {_FILTERS}",
        workspace_id,
        *(filters[name] for name in _FILTER_NAMES),
    )
    return found


async def _one(tx: Connection, workspace_id: UUID, template_id: UUID, locking: str) -> MessageTemplate:
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM message_template WHERE workspace_id = $1 AND id = $2 {locking}",
        workspace_id,
        template_id,
    )
    return MessageTemplate(**row) if row else raise_not_found("message template", template_id)
