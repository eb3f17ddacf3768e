"""A workspace's mail server, SMS account and access point. Secrets go in and never come out."""

from collections.abc import Iterable
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import Field, StringConstraints

from services.invoice.sending.domain.channel_setting import ChannelSetting, ChannelSettingEdit, SendingTools
from services.invoice.sending.domain.sns_message import TOPIC
from services.invoice.sending.operations import channel_settings as operations
from services.invoice.sending.repository import channel_settings
from shared.events.event import Snapshot
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, ShortText, optional
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.unset import UNSET

router = APIRouter(prefix="/v1/channel-settings", route_class=Route, tags=["channel settings"])
READ, WRITE = require("business:read"), require("business:write")
Host = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9._:-]{1,253}$")]
Email = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=500)]
ReportSecret = Annotated[str, StringConstraints(min_length=20, max_length=500, pattern=r"^[\x21-\x7e]+$")]
TopicArn = Annotated[str, StringConstraints(max_length=400, pattern=f"^{TOPIC.pattern}$")]
Port = Literal[25, 465, 587, 2525]
Security = Literal["starttls", "tls", "none"]
AccountSid = Annotated[str, StringConstraints(pattern=r"^AC[0-9a-fA-F]{32}$")]
LegalEntity = Annotated[int, Field(strict=True, ge=1, le=2**53)]
SmsSender = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^(\+[0-9]{5,15}|MG[0-9a-fA-F]{32}|[\w ]{1,11})$")
]


class NewMailServer(Body):
    """A mail server (SMTP) that the workspace's e-mails go through, and whom they come from."""

    kind: Literal["smtp"]
    mode: Literal["live", "test"] = Field(description="`test`: for a sandbox, which simulates without one.")
    host: Host
    port: Port = 587
    security: Security = Field("starttls", description="`tls` from the first byte on, usually on port 465.")
    username: ShortText | None = None
    secret: Secret | None = Field(None, description="The password.", json_schema_extra={"writeOnly": True})
    sender_email: Email
    sender_name: ShortText | None = Field(None, description="The business's name where not given.")
    reply_to: Email | None = Field(None, description="The business's e-mail where not given.")
    description: ShortText | None = None


class NewSmsAccount(Body):
    """A Twilio account that the workspace's text messages go through."""

    kind: Literal["twilio"]
    mode: Literal["live", "test"] = Field(description="`test`: for a sandbox, which simulates without one.")
    account_sid: AccountSid
    secret: Secret = Field(description="The auth token.", json_schema_extra={"writeOnly": True})
    sender: SmsSender = Field(description="A number, a messaging service's id, or a name of 11 characters.")
    description: ShortText | None = None


class NewAccessPoint(Body):
    """A Storecove account that the workspace's e-invoices go through."""

    kind: Literal["storecove"]
    mode: Literal["live"] = Field("live", description="A sandbox has an access point of its own.")
    legal_entity_id: LegalEntity = Field(description="Whom Storecove sends for.")
    secret: Secret = Field(description="The API key.", json_schema_extra={"writeOnly": True})
    description: ShortText | None = None


class NewReports(Body):
    """Reports of what became of mails: by a mail server (`mail`), or a provider's webhooks.

    Mailgun signs with its webhook signing key; the others send the secret, as a bearer token or as the
    password in the webhook's URL.
    """

    kind: Literal["mail", "postmark", "mailgun"]
    mode: Literal["live", "test"] = Field(description="Of the workspace.")
    secret: ReportSecret = Field(
        description="What reports are believed by: 20 characters or more.",
        json_schema_extra={"writeOnly": True},
    )
    description: ShortText | None = None


class NewSesReports(Body):
    """Reports of Amazon SES through a topic of SNS, whose messages Amazon signs."""

    kind: Literal["ses"]
    mode: Literal["live", "test"] = Field(description="Of the workspace.")
    topic_arn: TopicArn | None = Field(
        None,
        description="The topic that SES publishes to. Its subscription is confirmed, and only what is signed "
        "as of this topic is believed.",
    )
    secret: ReportSecret | None = Field(
        None,
        description="The password in the subscription's URL, asked for besides the signature. Without "
        "`topic_arn` it is needed, and messages of any topic are believed that hold it.",
        json_schema_extra={"writeOnly": True},
    )
    description: ShortText | None = None


class ChannelSettingChanges(Body):
    """What can be changed, by kind; a secret that is given replaces the one before."""

    host: Host = optional()
    port: Port = optional()
    security: Security = optional()
    username: ShortText | None = None
    secret: Secret | None = Field(None, json_schema_extra={"writeOnly": True})
    sender_email: Email = optional()
    sender_name: ShortText | None = None
    reply_to: Email | None = None
    account_sid: AccountSid = optional()
    sender: SmsSender = optional()
    legal_entity_id: LegalEntity = optional()
    topic_arn: TopicArn | None = None
    description: ShortText | None = None


class ChannelSettingReply(Snapshot):
    """A setting as it may be shown; fields of the other kind are null."""

    kind: str
    mode: str
    description: str | None
    host: str | None = None
    port: int | None = None
    security: str | None = None
    username: str | None = None
    sender_email: str | None = None
    sender_name: str | None = None
    reply_to: str | None = None
    account_sid: str | None = None
    sender: str | None = None
    legal_entity_id: int | None = None
    topic_arn: str | None = None
    has_secret: bool


async def sending_tools(request: Request) -> SendingTools:
    """The tools of this process."""
    tools: SendingTools = request.app.state.sending
    return tools


Tools = Annotated[SendingTools, Depends(sending_tools)]
NewSetting = Annotated[
    NewMailServer | NewSmsAccount | NewAccessPoint | NewReports | NewSesReports, Field(discriminator="kind")
]


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def create(body: NewSetting, response: Response, work: Work, tools: Tools) -> ChannelSettingReply:
    """Send through an account of one's own; one for each kind and mode. Secrets are never shown again."""
    edit = _to_edit(body, set(type(body).model_fields) - {"kind", "mode"})
    return _tagged_reply(await operations.create_setting(work, body.kind, body.mode, edit, tools), response)


@router.get("", dependencies=[READ])
async def list_(part: Sliced, work: Work) -> Page[ChannelSettingReply]:
    """List settings, newest first."""
    page = await channel_settings.find(work.tx, work.workspace_id, part.window())
    return part.page(page, _to_reply)


@router.get("/{setting_id}", dependencies=[READ])
async def get(setting_id: UUID, response: Response, work: Work) -> ChannelSettingReply:
    """Get a setting."""
    return _tagged_reply(await channel_settings.get(work.tx, work.workspace_id, setting_id), response)


@router.patch("/{setting_id}", dependencies=[WRITE])
async def change(
    setting_id: UUID,
    body: ChannelSettingChanges,
    response: Response,
    expected: IfMatch,
    work: Work,
    tools: Tools,
) -> ChannelSettingReply:
    """Change a setting, its password for instance."""
    edit = _to_edit(body, body.model_fields_set)
    return _tagged_reply(await operations.change_setting(work, setting_id, edit, tools, expected), response)


@router.delete("/{setting_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def delete(setting_id: UUID, work: Work) -> None:
    """Forget the credentials; what is queued goes out through the platform's own server, if it has one."""
    await channel_settings.delete(work.tx, work.workspace_id, setting_id)


def _to_edit(body: Body, given: Iterable[str]) -> ChannelSettingEdit:
    # In the body's order: the first name that its kind does not have is the one that is refused.
    values = {name: getattr(body, name) for name in type(body).model_fields if name in given}
    description, secret = values.pop("description", UNSET), values.pop("secret", UNSET)
    return ChannelSettingEdit(options=values, description=description, secret=secret)


def _tagged_reply(setting: ChannelSetting, response: Response) -> ChannelSettingReply:
    etag.tag(response, setting.version)
    return _to_reply(setting)


def _to_reply(setting: ChannelSetting) -> ChannelSettingReply:
    return ChannelSettingReply(
        id=setting.id,
        version=setting.version,
        created_at=setting.created_at,
        updated_at=setting.updated_at,
        kind=setting.kind,
        mode=setting.mode,
        description=setting.description,
        has_secret=setting.secret_encrypted is not None,
        **setting.options,
    )
