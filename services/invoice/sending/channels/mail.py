"""Mails as bytes: text, html and files, in the recipient's language, with an id that a repetition keeps."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from services.invoice.sending.channels.channel import Message


@dataclass(frozen=True, slots=True)
class MailSender:
    """Whom mails come from; without a name of its own the business's stands there."""

    email: str
    name: str | None = None
    reply_to: str | None = None


def message_id(message: Message, sender: MailSender) -> str:
    """The mail's id: the same for every attempt of one delivery, so that a repetition is known as one."""
    return f"<{message.delivery_id}@{ascii_address(sender.email).rpartition('@')[2]}>"


def build_mail(message: Message, sender: MailSender) -> bytes:
    """The mail (RFC 5322) with its lines ended by CRLF; takes some ms with a file of 50 KB."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(
        _to_one_line(sender.name or message.business_name), addr_spec=ascii_address(sender.email)
    )
    mail["To"] = Address(_to_one_line(message.recipient_name), addr_spec=ascii_address(message.recipient))
    mail["Subject"] = _to_one_line(message.subject)
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = message_id(message, sender)
    if reply_to := sender.reply_to or message.reply_to:
        mail["Reply-To"] = Address(addr_spec=ascii_address(reply_to))
    # Postmark gives a mail an id of its own, and this back in its webhooks.
    mail["X-PM-Metadata-delivery"] = str(message.delivery_id)
    # RFC 3834: no holiday note or other automaton is to answer.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text, cte="quoted-printable")
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    for file in message.attachments:
        main, _, sub = file.media_type.partition("/")
        mail.add_attachment(file.content, maintype=main, subtype=sub, filename=_to_one_line(file.name))
    # At last: whatever begins with Content- goes down into the first part as others are added.
    mail["Content-Language"] = message.language
    return mail.as_bytes()


def ascii_address(address: str) -> str:
    """The address with its domain in the form that every server reads (RFC 5891)."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"


def _to_one_line(text: str) -> str:
    # A line break would begin another header.
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
