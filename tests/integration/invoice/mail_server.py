"""A real SMTP server that does as a recipient's name asks, and what sends to it."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from services.invoice.e_invoices.operations.document_data import FacturXData
from services.invoice.e_invoices.validation.process import ValidationProcess
from services.invoice.invoices.workers.credit_at_issue import CreditAtIssue
from services.invoice.sandbox.channels import SandboxChannel
from services.invoice.sending.channels.email import MailServer
from services.invoice.sending.channels.mail import MailSender
from services.invoice.sending.operations.channels import Channels
from services.invoice.sending.workers.send import DeliverySender, SendingLimits
from shared.kernel.addresses import Egress
from shared.kernel.key_ring import KeyRing
from shared.postgres.transaction import Database

RING = KeyRing.parse(f"k1:{'A' * 43}=")
DELAYS = (timedelta(0), timedelta(0))
TIMEOUT_SECONDS = 15
SHORT_SECONDS = 2
"""For a server that is slow on purpose."""


@dataclass
class Inbox:
    """What arrived; names of recipients say what is answered instead."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    connection_count: int = 0
    script: dict[str, list[str]] = field(default_factory=dict)

    def of(self, name: str) -> list[EmailMessage]:
        """Mails to this name."""
        return [mail for mail in self.mails if name in mail["To"]]

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connection_count += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        replies = self.script.get(address.partition("@")[0], [])
        if replies and replies[0][0] in "45":
            return replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        name = envelope.rcpt_tos[0].partition("@")[0]
        replies = self.script.get(name, [])
        what = replies.pop(0) if replies else ""
        if what == "refused":
            return "554 5.7.1 Not this content"
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        if what == "dropped":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        if what == "slow":
            await asyncio.sleep(TIMEOUT_SECONDS)
        return "250 OK queued"


def html_of(mail: EmailMessage) -> str:
    """What most readers see of it."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


@contextmanager
def mail_server() -> Iterator[Inbox]:
    """The server, listening on a free port of this machine."""
    inbox = Inbox()
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        inbox.port = found.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=inbox.port)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()


def a_sender(
    database: Database,
    inbox: Inbox | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
    reach: Callable[[str], None] = lambda point: None,
    openings: CreditAtIssue | None = None,
    **limits: Any,
) -> DeliverySender:
    """What sends for every workspace, through this server where a live one has none of its own."""
    server = MailServer("127.0.0.1", inbox.port if inbox else 1, "none", timeout_seconds=timeout_seconds)
    channels = Channels(
        RING, Egress(), SandboxChannel, (server, MailSender("billing@platform.example")), timeout_seconds
    )
    made = SendingLimits(**{"delays": DELAYS, **limits})
    return DeliverySender(
        database, channels, FacturXData(ValidationProcess()), made, reach=reach, openings=openings
    )


async def send_all(sender: DeliverySender, times: int = 1) -> None:
    """Send what is due, and so often again what is due by then."""
    for _ in range(times):
        while await sender.step():
            await sender.close()
        await sender.close()
