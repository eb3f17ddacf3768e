"""A workspace's own wording of what is sent, and previews of it."""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.invoice.business.operations import load_business
from services.invoice.sending.domain import message_template as rules
from services.invoice.sending.domain import sample, sms_text
from services.invoice.sending.domain.message_template import (
    MessageTemplate,
    TemplateChannel,
    TemplateKind,
    TemplateUse,
    Texts,
    TextsEdit,
)
from services.invoice.sending.operations import message_templates as operations
from services.invoice.sending.rendering import message, message_defaults
from services.invoice.sending.rendering.message import MessageSubject
from services.invoice.sending.repository import message_templates
from services.invoice.sending.repository.message_templates import TemplateFilter
from shared.events.event import Snapshot
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, optional
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.unset import edit_of

router = APIRouter(prefix="/v1/message-templates", route_class=Route, tags=["message templates"])
READ, WRITE = require("business:read"), require("business:write")
Language = Literal["en", "fr", "nl", "nb", "sv", "da", "de"]
Subject = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Html = Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
PlainText = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
_VARIABLES = f"Jinja2 with conditions; variables: {', '.join(rules.VARIABLES)}."


class NewTemplate(Body):
    """A wording of one kind of message in one language; instead of ours."""

    kind: TemplateKind = Field(description="The document, or the level of a reminder.")
    channel: TemplateChannel = "email"
    locale: Language = Field(description="The language of contacts that get it.")
    subject: Subject | None = Field(None, description="Of an e-mail.")
    html: Html | None = Field(None, description="Of an e-mail; without it the text goes alone.")
    body: PlainText = Field(description=f"The text. {_VARIABLES}")


class TemplateChanges(Body):
    """The texts to change."""

    subject: Subject = optional()
    html: Html | None = None
    body: PlainText = optional()


class Preview(Body):
    """What to show: texts, or without them the workspace's wording, or else ours."""

    kind: TemplateKind = "invoice"
    channel: TemplateChannel = "email"
    locale: Language = "en"
    subject: Subject | None = None
    html: Html | None = None
    body: PlainText | None = None
    message: str | None = Field(None, max_length=2000, description="Said with it this once.")

    @model_validator(mode="after")
    def _has_body(self) -> "Preview":
        if self.body is None and (self.subject is not None or self.html is not None):
            raise ValueError("body is needed beside subject or html; without any of them ours is shown")
        return self


class TemplateReply(Snapshot):
    """A wording of the workspace's own."""

    kind: str
    channel: str
    locale: str
    subject: str | None
    html: str | None
    body: str


class TextsReply(BaseModel):
    """Finished or unfinished texts."""

    subject: str | None
    html: str | None
    body: str


class PreviewReply(TextsReply):
    """What a made-up customer would read."""

    segment_count: int | None = Field(None, description="How many messages an SMS is billed as.")


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def create(body: NewTemplate, response: Response, work: Work) -> TemplateReply:
    """Use a wording of one's own; one for each kind, channel and language."""
    use, texts = TemplateUse(body.kind, body.channel, body.locale), Texts(body.body, body.subject, body.html)
    return _tagged_reply(await operations.create_template(work, use, texts), response)


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    kind: Annotated[TemplateKind | None, Query(description="Of one kind of message.")] = None,
    channel: Annotated[TemplateChannel | None, Query(description="Of one channel.")] = None,
    locale: Annotated[Language | None, Query(description="Of one language.")] = None,
) -> Page[TemplateReply]:
    """List the workspace's own wordings, newest first."""
    wanted = TemplateFilter(kind=kind, channel=channel, locale=locale)
    page = await message_templates.find(work.tx, work.workspace_id, wanted, part.window())
    return part.page(page, _to_reply)


@router.get("/default", dependencies=[READ], summary="Get the platform's own wording")
async def default(
    kind: Annotated[TemplateKind, Query(description="The document, or the level of a reminder.")] = "invoice",
    channel: Annotated[TemplateChannel, Query(description="What it is sent over.")] = "email",
    locale: Annotated[Language, Query(description="Its language.")] = "en",
) -> TextsReply:
    """Our own wording, to begin from."""
    texts = message_defaults.default_texts(kind, channel, locale)
    return TextsReply(subject=texts.subject, html=texts.html, body=texts.body)


@router.post("/preview", dependencies=[READ])
async def preview(body: Preview, work: Work, who: Who) -> PreviewReply:
    """What a made-up customer would read, with the workspace's business; nothing is stored or sent."""
    business = await load_business(work, who.currency)
    today = work.clock.today()
    is_late = body.kind in ("reminder_2", "reminder_3")
    issued_on = today - timedelta(days=45 if is_late else 0)
    model = sample.sample_document(business, body.kind, body.locale, issued_on)
    public_url = sample.PUBLIC_URL if model.kind == "invoice" else None
    about = MessageSubject(body.kind, body.channel, model, today, public_url, body.message)
    if body.body is None:
        said = await operations.compose_message(work, about)
    else:
        texts = Texts(body.body, body.subject, body.html)
        await operations.run_in_thread(rules.check, texts, body.channel)
        said = await operations.run_in_thread(message.compose, texts, about)
    count = sms_text.count_segments(said.body) if body.channel == "sms" else None
    return PreviewReply(subject=said.subject, html=said.html, body=said.body, segment_count=count)


@router.get("/{template_id}", dependencies=[READ])
async def get(template_id: UUID, response: Response, work: Work) -> TemplateReply:
    """Get a wording."""
    template = await message_templates.get(work.tx, work.workspace_id, template_id)
    return _tagged_reply(template, response)


@router.patch("/{template_id}", dependencies=[WRITE])
async def change(
    template_id: UUID, body: TemplateChanges, response: Response, expected: IfMatch, work: Work
) -> TemplateReply:
    """Change the texts of a wording."""
    edit = edit_of(TextsEdit, body)
    return _tagged_reply(await operations.change_template(work, template_id, edit, expected), response)


@router.delete("/{template_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def delete(template_id: UUID, work: Work) -> None:
    """Use our wording again."""
    await message_templates.delete(work.tx, work.workspace_id, template_id)


def _tagged_reply(template: MessageTemplate, response: Response) -> TemplateReply:
    etag.tag(response, template.version)
    return _to_reply(template)


def _to_reply(template: MessageTemplate) -> TemplateReply:
    return TemplateReply(**{name: getattr(template, name) for name in TemplateReply.model_fields})
