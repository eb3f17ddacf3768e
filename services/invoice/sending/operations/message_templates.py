"""A workspace's own wording of what is sent, and what it comes to."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar
from uuid import UUID

from services.invoice.sending.domain import message_template as rules
from services.invoice.sending.domain.message_template import MessageTemplate, TemplateUse, Texts, TextsEdit
from services.invoice.sending.rendering import message
from services.invoice.sending.rendering.message import MessageSubject
from services.invoice.sending.repository import message_templates
from shared.kernel.versions import require_version
from shared.messaging.work import Work

COMPILE_SECONDS = 5
P = ParamSpec("P")
R = TypeVar("R")


async def create_template(work: Work, use: TemplateUse, texts: Texts) -> MessageTemplate:
    """Store a new template; raises MessageTemplateExists or InvalidTemplate naming the field."""
    template = await run_in_thread(rules.new_template, work.workspace_id, use, texts, work.clock.now())
    await message_templates.insert(work.tx, template)
    return template


async def change_template(
    work: Work, template_id: UUID, edit: TextsEdit, expected_version: int | None
) -> MessageTemplate:
    """Change its texts; raises NotFound, PreconditionFailed or InvalidTemplate naming the field."""
    before = await message_templates.lock(work.tx, work.workspace_id, template_id)
    require_version(before.version, expected_version)
    after = await run_in_thread(rules.change_template, before, edit, work.clock.now())
    if after is not before:
        await message_templates.save(work.tx, after)
    return after


async def compose_message(work: Work, about: MessageSubject) -> Texts:
    """The message with its document's values: in the workspace's wording, else in ours."""
    use = TemplateUse(about.kind, about.channel, about.language)
    template = await message_templates.of_use(work.tx, work.workspace_id, use)
    return await run_in_thread(message.compose, template.texts if template else None, about)


async def run_in_thread(call: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """Do what compiles a template in another thread, so that other requests go on meanwhile.

    Raises InvalidTemplate where it takes too long, which its bounds leave only a crowded machine.
    """
    try:
        async with asyncio.timeout(COMPILE_SECONDS):
            return await asyncio.to_thread(call, *arguments, **named)
    except TimeoutError as error:
        raise rules.InvalidTemplate("The template takes too long to compile.") from error
