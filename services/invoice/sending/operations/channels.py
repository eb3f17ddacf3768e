"""Finds the channel that a workspace sends over: its own, the platform's, or the sandbox's."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from services.invoice.sending.channels import sms
from services.invoice.sending.channels.channel import Channel, Unreachable
from services.invoice.sending.channels.email import EmailChannel, MailServer
from services.invoice.sending.channels.mail import MailSender
from services.invoice.sending.channels.sms import SmsAccount, SmsChannel
from services.invoice.sending.domain.channel_setting import ChannelSetting
from services.invoice.sending.domain.delivery import Verdict
from services.invoice.sending.repository import channel_settings
from shared.kernel.addresses import Egress
from shared.kernel.key_ring import KeyRing
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Channels:
    """The ways to send of all workspaces; `mail` is the platform's own, for those without one.

    `simulate` makes the channel of sandboxes without a setting of their own.
    """

    ring: KeyRing
    egress: Egress
    simulate: Callable[[], Channel]
    mail: tuple[MailServer, MailSender] | None = None
    timeout_seconds: float = 30
    twilio_api_base: str = sms.API_BASE
    public_base_url: str = ""

    async def choose(self, tx: Connection, workspace_id: UUID, channel: str, *, is_live: bool) -> Channel:
        """The channel to send over; a sandbox without a test setting of its own simulates.

        Raises Unreachable where a live workspace has none, and SecretUnreadable.
        """
        kind, mode = "smtp" if channel == "email" else "twilio", "live" if is_live else "test"
        setting = await channel_settings.of_mode(tx, workspace_id, kind, mode)
        if setting:
            return self._own_mail(setting) if channel == "email" else self._own_sms(setting)
        if not is_live:
            return self.simulate()
        if channel == "email" and self.mail:
            return EmailChannel(*self.mail)
        raise Unreachable(
            Verdict.FAILED, "channel_not_configured", f"There is no way to send over {channel} yet."
        )

    def _own_mail(self, setting: ChannelSetting) -> EmailChannel:
        options = setting.options
        server = MailServer(
            options["host"],
            options["port"],
            options["security"],
            options.get("username"),
            setting.secret(self.ring),
            self.timeout_seconds,
            self.egress,
        )
        sender = MailSender(options["sender_email"], options.get("sender_name"), options.get("reply_to"))
        return EmailChannel(server, sender)

    def _own_sms(self, setting: ChannelSetting) -> SmsChannel:
        account = SmsAccount(
            setting.options["account_sid"],
            setting.secret(self.ring) or "",
            setting.options["sender"],
            self.twilio_api_base,
            self.timeout_seconds,
            self._status_callback(setting.workspace_id),
        )
        return SmsChannel(account)

    def _status_callback(self, workspace_id: UUID) -> str | None:
        # Twilio refuses the whole message for a URL that it cannot reach, such as one of a local stack.
        if not self.public_base_url.startswith("https://"):
            return None
        return f"{self.public_base_url.rstrip('/')}/providers/twilio/{workspace_id}/status"
