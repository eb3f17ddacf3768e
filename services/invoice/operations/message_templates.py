"""A workspace's own wording of what is sent, and what it comes to."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.invoice.documents import message
from services.invoice.documents.wording import language_of
from services.invoice.domain import message_template as rules
from services.invoice.domain.message_template import MessageTemplate, Texts
from services.invoice.domain.paper import Paper
from services.invoice.repository import message_templates
from shared.kernel.clock import Clock
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection


async def create(
    tx: Connection, workspace_id: UUID, fields: Mapping[str, Any], clock: Clock
) -> MessageTemplate:
    """Store a new template; raises MessageTemplateExists or InvalidTemplate naming the field."""
    made = rules.create(workspace_id, fields, clock.now())
    await message_templates.insert(tx, made)
    return made


async def change(
    tx: Connection,
    workspace_id: UUID,
    template_id: UUID,
    fields: Mapping[str, Any],
    clock: Clock,
    expected_version: int | None,
) -> MessageTemplate:
    """Change its texts; raises NotFound, PreconditionFailed or InvalidTemplate naming the field."""
    before = await message_templates.lock(tx, workspace_id, template_id)
    require_version(before.version, expected_version)
    if not fields:
        return before
    after = rules.change(before, fields, clock.now())
    await message_templates.save(tx, after)
    return after


async def written(
    tx: Connection,
    workspace_id: UUID,
    kind: str,
    channel: str,
    paper: Paper,
    today: date,
    public_url: str | None = None,
    note: str | None = None,
) -> Texts:
    """The message of this kind with its document's values: in the workspace's wording, else in ours."""
    own = await message_templates.of_use(tx, workspace_id, kind, channel, language_of(paper.buyer.locale))
    return message.written(own.texts if own else None, kind, channel, paper, today, public_url, note)
