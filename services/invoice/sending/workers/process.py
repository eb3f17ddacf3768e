"""What sends documents, made of the service's settings once its pools are open."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from services.invoice.documents.domain.document_data import DataWriter
from services.invoice.invoices.workers.credit_at_issue import CreditAtIssue
from services.invoice.sending.channels.channel import Channel
from services.invoice.sending.channels.email import MailServer
from services.invoice.sending.channels.mail import MailSender
from services.invoice.sending.domain.channel_setting import SendingTools
from services.invoice.sending.operations.channels import Channels
from services.invoice.sending.workers.send import DeliverySender, SendingLimits
from services.invoice.settings import InvoiceSettings
from shared.kernel.addresses import Egress, networks
from shared.kernel.key_ring import KeyRing
from shared.postgres.transaction import Database


class SendingProcess:
    """What requests need to know of sending, and where there are workers, what sends."""

    sender: DeliverySender

    def __init__(self, settings: InvoiceSettings, simulate: Callable[[], Channel]) -> None:
        self._settings, self._simulate = settings, simulate
        ring = KeyRing.parse(settings.encryption_keys)
        egress = Egress(networks(settings.channel_allow_cidrs.split(",")))
        self.tools = SendingTools(ring, egress, has_mail=settings.smtp_host is not None)

    def open(
        self, worker: Database, data_writer: DataWriter, openings: CreditAtIssue
    ) -> list[Callable[[], Awaitable[None]]]:
        """Make the sender; returns what to await at the end."""
        limits = limits_from_settings(self._settings)
        self.sender = DeliverySender(worker, self._channels(), data_writer, limits, openings=openings)
        return [self.sender.close]

    async def step(self) -> bool:
        """Send what is due; True when there may be more at once."""
        return await self.sender.step()

    def _channels(self) -> Channels:
        settings = self._settings
        mail = None
        if settings.smtp_host:
            server = MailServer(
                settings.smtp_host,
                settings.smtp_port,
                settings.smtp_security,
                settings.smtp_username,
                settings.smtp_password,
                settings.channel_timeout_seconds,
            )
            mail = (server, MailSender(settings.mail_from))
        return Channels(
            self.tools.ring,
            self.tools.egress,
            self._simulate,
            mail,
            settings.channel_timeout_seconds,
            settings.twilio_api_base,
            settings.public_base_url,
        )


def limits_from_settings(settings: InvoiceSettings) -> SendingLimits:
    """How much is sent at once, and how long deliveries wait between attempts."""
    delays = [timedelta(seconds=int(part)) for part in settings.send_retry_delays_seconds.split(",")]
    lease = timedelta(seconds=settings.send_lease_seconds)
    return SendingLimits(settings.send_slots, settings.send_batch_size, lease, delays)
