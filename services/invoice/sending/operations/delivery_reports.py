"""What channels report later changes deliveries: each report once, and no status ever goes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.invoice.sending.channels.mail import ascii_address
from services.invoice.sending.domain import delivery_report as rules
from services.invoice.sending.domain.channel_setting import SettingKind
from services.invoice.sending.domain.delivery import Delivery, DeliveryChange
from services.invoice.sending.domain.delivery_report import DeliveryReport
from services.invoice.sending.domain.sns_message import SUBSCRIPTION, SnsMessage, Unproven
from services.invoice.sending.operations import attempts
from services.invoice.sending.repository import channel_settings, deliveries, delivery_reports
from shared.kernel.key_ring import KeyRing
from shared.messaging.work import Work
from shared.postgres.pool import Connection


async def load_secrets(tx: Connection, workspace_id: UUID, kind: SettingKind, ring: KeyRing) -> list[str]:
    """What reports of this kind are authenticated by, in either mode; none without such a setting."""
    settings = [await channel_settings.of_mode(tx, workspace_id, kind, mode) for mode in ("live", "test")]
    return [secret for setting in settings if setting and (secret := setting.secret(ring))]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of Amazon SNS that reports of SES are believed from; any one where a secret stands alone."""

    topic_arn: str | None
    secret: str | None


async def load_topics(tx: Connection, workspace_id: UUID, ring: KeyRing) -> list[Topic]:
    """What is believed about SES, in either mode; none without such a setting."""
    settings = [await channel_settings.of_mode(tx, workspace_id, "ses", mode) for mode in ("live", "test")]
    return [Topic(setting.options.get("topic_arn"), setting.secret(ring)) for setting in settings if setting]


def require_topic(believed: Sequence[Topic], message: SnsMessage) -> None:
    """Raise Unproven unless the message is of a believed topic; one to subscribe to must be named."""
    named = {topic.topic_arn for topic in believed}
    if message.topic_arn in named:
        return
    if message.kind == SUBSCRIPTION:
        raise Unproven("A subscription is confirmed where the channel setting names its topic_arn.")
    if None not in named:
        raise Unproven("The message is of another topic than the channel setting's.")


async def apply_reports(work: Work, channel: str, reports: Sequence[DeliveryReport]) -> int:
    """Apply reports to the deliveries that they are about; returns how many said something new.

    What is about nothing of ours, came before, or is older than what is known changes nothing. Records
    invoice.updated and invoice.sent where an invoice turns out to have arrived, and
    invoice.delivery_failed where it did not.
    """
    count = 0
    for report in reports:
        delivery = await delivery_reports.lock(work.tx, work.workspace_id, report, channel)
        if delivery is None or not _is_about(report, delivery):
            continue
        if not await delivery_reports.insert(work.tx, delivery, report):
            continue
        if change := rules.apply_report(delivery, report, work.clock.now()):
            await _store(work, delivery, change)
            count += 1
    return count


def _is_about(report: DeliveryReport, delivery: Delivery) -> bool:
    """Whether it tells of the newest try, not of one to another address or under another reference."""
    if report.reference and delivery.provider_reference not in (None, report.reference):
        return False
    if report.recipient is None or delivery.recipient is None:
        return True
    return _normalize(report.recipient) == _normalize(delivery.recipient)


def _normalize(address: str) -> str:
    try:
        return ascii_address(address).lower()
    except ValueError:
        return address.lower()


async def _store(work: Work, before: Delivery, change: DeliveryChange) -> None:
    actor = f"channel:{before.channel}"
    if change.delivery.status is before.status:
        await deliveries.add_to_timeline(work.tx, change, actor)
    else:
        await deliveries.save(work.tx, change)
        await attempts.record_outcome(work, change, actor)
