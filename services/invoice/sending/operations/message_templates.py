"""A workspace's own wording of what is sent, and what it comes to."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.rendering.wording import language_of
from services.invoice.sending.domain import message_template as rules
from services.invoice.sending.domain.message_template import MessageTemplate, Texts
from services.invoice.sending.rendering import message
from services.invoice.sending.repository import message_templates
from shared.kernel.clock import Clock
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection

COMPILE_SECONDS = 5
P = ParamSpec("P")
R = TypeVar("R")


async def create_template(
    tx: Connection, workspace_id: UUID, fields: Mapping[str, Any], clock: Clock
) -> MessageTemplate:
    """Store a new template; raises MessageTemplateExists or InvalidTemplate naming the field."""
    made = await run_in_thread(rules.new_template, workspace_id, fields, clock.now())
    await message_templates.insert(tx, made)
    return made


async def change_template(
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
    after = await run_in_thread(rules.change_template, before, fields, clock.now())
    await message_templates.save(tx, after)
    return after


async def compose_message(
    tx: Connection,
    workspace_id: UUID,
    kind: str,
    channel: str,
    model: PrintModel,
    today: date,
    public_url: str | None = None,
    note: str | None = None,
) -> Texts:
    """The message of this kind with its document's values: in the workspace's wording, else in ours."""
    own = await message_templates.of_use(tx, workspace_id, kind, channel, language_of(model.buyer.locale))
    texts = own.texts if own else None
    return await run_in_thread(message.compose, texts, kind, channel, model, today, public_url, note)


async def run_in_thread(work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """Do what compiles a template in another thread, so that other requests go on meanwhile.

    Raises InvalidTemplate where it takes too long, which its bounds leave only a crowded machine.
    """
    try:
        async with asyncio.timeout(COMPILE_SECONDS):
            return await asyncio.to_thread(work, *arguments, **named)
    except TimeoutError as error:
        raise rules.InvalidTemplate("The template takes too long to compile.") from error
