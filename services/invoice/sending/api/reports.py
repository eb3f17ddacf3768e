"""What became of mails and texts, by mail servers and providers; none is believed unproven."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import structlog
from fastapi import APIRouter, Request, Response, status

from services.invoice.sending.domain import sns_message
from services.invoice.sending.domain.channel_setting import SendingTools, SettingKind
from services.invoice.sending.domain.delivery_report import DeliveryReport, ReportUnreadable
from services.invoice.sending.domain.sns_message import Unproven
from services.invoice.sending.operations import delivery_reports as operations
from services.invoice.sending.providers import (
    bounce_mail,
    mail_reports,
    report_signatures,
    sns,
    twilio_status,
)
from shared.http import errors
from shared.kernel.errors import Unauthorized
from shared.kernel.json import JsonObject
from shared.messaging import workspaces
from shared.messaging.work import begin
from shared.postgres.transaction import Database

# Not in the description: the gateway describes its own routes of these paths.
router = APIRouter(prefix="/providers", include_in_schema=False)
log = structlog.get_logger()


@router.post("/mail/{workspace_id}/bounces")
async def receive_mail(workspace_id: UUID, request: Request) -> Response:
    """A bounce mail (RFC 3464), as a mail server or a script of it passes it on."""
    if not await _is_proven(request, workspace_id, "mail"):
        return _unproven()
    reports = bounce_mail.read_bounce(
        await request.body(), request.headers.get("content-type", "message/rfc822")
    )
    return await _apply_reports(request, workspace_id, "mail", reports)


@router.post("/postmark/{workspace_id}/webhooks")
async def receive_postmark(workspace_id: UUID, request: Request) -> Response:
    """Postmark's webhook; the secret is the password in its URL."""
    if not await _is_proven(request, workspace_id, "postmark"):
        return _unproven()
    event = mail_reports.parse_object(await request.body())
    return await _apply_reports(request, workspace_id, "postmark", mail_reports.read_event("postmark", event))


@router.post("/ses/{workspace_id}/webhooks")
async def receive_ses(workspace_id: UUID, request: Request) -> Response:
    """A notification of Amazon SES through SNS: signed by Amazon, of the topic that the setting names.

    A secret, where there is one, is the password in the subscription's URL.
    """
    authorization = request.headers.get("authorization", "")
    believed = [
        topic
        for topic in await _topics(request, workspace_id)
        if topic.secret is None or report_signatures.has_secret(authorization, topic.secret)
    ]
    if not believed:
        return _unproven()
    envelope = mail_reports.parse_object(await request.body())
    if "Type" not in envelope and all(topic.topic_arn for topic in believed):
        raise Unproven("What SNS delivers raw has no signature: switch raw delivery off.")
    if "Type" in envelope and not await _is_notification(request, envelope, believed):
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    reports = mail_reports.read_event("ses", sns.message_of(envelope))
    return await _apply_reports(request, workspace_id, "ses", reports)


async def _is_notification(
    request: Request, envelope: JsonObject, believed: Sequence[operations.Topic]
) -> bool:
    """Whether the envelope brings a report, and not a word about the subscription, which is answered here.

    Raises ReportUnreadable, Unproven and Unavailable.
    """
    messenger: sns.Sns = request.app.state.sns
    now = datetime.now(UTC)
    message = sns_message.read(envelope, now)
    operations.require_topic(believed, message)
    await messenger.require_signed(message, now)
    if message.kind == sns_message.SUBSCRIPTION:
        await messenger.confirm(message)
    return message.kind == sns_message.NOTIFICATION


@router.post("/mailgun/{workspace_id}/webhooks")
async def receive_mailgun(workspace_id: UUID, request: Request) -> Response:
    """Mailgun's webhook, which holds its own signature."""
    body = mail_reports.parse_object(await request.body())
    secrets = await _secrets(request, workspace_id, "mailgun")
    if not any(report_signatures.is_signed_by_mailgun(body.get("signature"), secret) for secret in secrets):
        return _unproven()
    event = body.get("event-data")
    if not isinstance(event, dict):
        raise ReportUnreadable("The body has no event-data.")
    return await _apply_reports(request, workspace_id, "mailgun", mail_reports.read_event("mailgun", event))


@router.post("/twilio/{workspace_id}/status")
async def receive_twilio(workspace_id: UUID, request: Request, delivery: UUID | None = None) -> Response:
    """Twilio's status callback, signed with the account's auth token over the URL that we gave it."""
    form = twilio_status.parse_form(await request.body())
    query = f"?delivery={delivery}" if delivery else ""
    base = str(request.app.state.public_base_url).rstrip("/")
    url = f"{base}/providers/twilio/{workspace_id}/status{query}"
    signature = request.headers.get("x-twilio-signature", "")
    secrets = await _secrets(request, workspace_id, "twilio")
    if not any(report_signatures.is_signed_by_twilio(url, form, signature, secret) for secret in secrets):
        return _unproven()
    reports = twilio_status.read_status(dict(form), delivery)
    return await _apply_reports(request, workspace_id, "twilio", reports, channel="sms")


async def _secrets(request: Request, workspace_id: UUID, kind: SettingKind) -> list[str]:
    database: Database = request.app.state.database
    tools: SendingTools = request.app.state.sending
    async with database.transaction(workspace_id) as tx:
        return await operations.load_secrets(tx, workspace_id, kind, tools.ring)


async def _topics(request: Request, workspace_id: UUID) -> list[operations.Topic]:
    database: Database = request.app.state.database
    tools: SendingTools = request.app.state.sending
    async with database.transaction(workspace_id) as tx:
        return await operations.load_topics(tx, workspace_id, tools.ring)


async def _is_proven(request: Request, workspace_id: UUID, kind: SettingKind) -> bool:
    authorization = request.headers.get("authorization", "")
    secrets = await _secrets(request, workspace_id, kind)
    return any(report_signatures.has_secret(authorization, secret) for secret in secrets)


def _unproven() -> Response:
    """The same for a wrong proof, a workspace without such a setting, and one that is not there."""
    reply = errors.reply(Unauthorized("The report's signature or secret is not that of this workspace."))
    # Amazon SNS sends the password of a URL only once it is asked for it.
    reply.headers["www-authenticate"] = 'Basic realm="delivery reports"'
    return reply


async def _apply_reports(
    request: Request,
    workspace_id: UUID,
    provider: str,
    reports: Sequence[DeliveryReport],
    channel: Literal["email", "sms"] = "email",
) -> Response:
    database: Database = request.app.state.database
    async with begin(database, workspace_id) as unit:
        work = await workspaces.work_of(unit, workspace_id)
        count = await operations.apply_reports(work, channel, reports)
    log.info("delivery.reported", provider=provider, count=len(reports), new_count=count)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
