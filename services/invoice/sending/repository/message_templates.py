"""Rows of `message_template`: one for each kind, channel and locale of a workspace."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import asyncpg

from services.invoice.sending.domain.message_template import (
    MessageTemplate,
    MessageTemplateExists,
    TemplateChannel,
    TemplateKind,
    TemplateUse,
)
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, where
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = "workspace_id id version created_at updated_at kind channel locale subject html body".split()
_COLUMNS = ", ".join(_NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFilter:
    """Which templates."""

    kind: Annotated[TemplateKind | None, where("kind = :kind")] = None
    channel: Annotated[TemplateChannel | None, where("channel = :channel")] = None
    locale: Annotated[str | None, where("locale = :locale")] = None


_LIST = Listing(TemplateFilter, "message_template", _COLUMNS)
_INSERT = Statement(f"INSERT INTO message_template ({_COLUMNS}) VALUES ({places(_NAMES)})")
_SAVE = Statement("""
UPDATE message_template SET version = :version, updated_at = :updated_at, subject = :subject, html = :html,
    body = :body
WHERE workspace_id = :workspace_id AND id = :id
""")


async def insert(tx: Connection, template: MessageTemplate) -> None:
    """Store a new template; raises MessageTemplateExists."""
    try:
        await _INSERT.execute(tx, template)
    except asyncpg.UniqueViolationError as error:
        raise MessageTemplateExists(field="kind") from error


async def save(tx: Connection, template: MessageTemplate) -> None:
    """Store a changed template."""
    await _SAVE.execute(tx, template)


async def delete(tx: Connection, workspace_id: UUID, template_id: UUID) -> None:
    """Remove it: ours is used again. Raises NotFound."""
    done = await tx.execute(
        "DELETE FROM message_template WHERE workspace_id = $1 AND id = $2", workspace_id, template_id
    )
    if done == "DELETE 0":
        raise_not_found("message template", template_id)


async def get(tx: Connection, workspace_id: UUID, template_id: UUID) -> MessageTemplate:
    """The template; raises NotFound."""
    return await _get(tx, workspace_id, template_id, "")


async def lock(tx: Connection, workspace_id: UUID, template_id: UUID) -> MessageTemplate:
    """The template, locked; raises NotFound."""
    return await _get(tx, workspace_id, template_id, "FOR NO KEY UPDATE")


async def of_use(tx: Connection, workspace_id: UUID, use: TemplateUse) -> MessageTemplate | None:
    """The workspace's template for this use, if it has one."""
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM message_template
        WHERE workspace_id = $1 AND kind = $2 AND channel = $3 AND locale = $4""",
        workspace_id,
        use.kind,
        use.channel,
        use.locale,
    )
    return MessageTemplate(**row) if row else None


async def find(
    tx: Connection, workspace_id: UUID, wanted: TemplateFilter, window: Window
) -> Found[MessageTemplate]:
    """Templates, newest first."""
    return await _LIST.find(tx, workspace_id, wanted, window, lambda row: MessageTemplate(**row))


async def _get(tx: Connection, workspace_id: UUID, template_id: UUID, locking: str) -> MessageTemplate:
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM message_template WHERE workspace_id = $1 AND id = $2 {locking}",
        workspace_id,
        template_id,
    )
    return MessageTemplate(**row) if row else raise_not_found("message template", template_id)
