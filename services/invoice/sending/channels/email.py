"""E-mail by SMTP: one connection for a batch; the answer to each command says what became of a mail."""

import asyncio
import contextlib
import socket
import ssl
from dataclasses import dataclass

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from services.invoice.sending.channels.channel import Message, Unreachable
from services.invoice.sending.channels.mail import MailSender, ascii_address, build_mail, message_id
from services.invoice.sending.domain.delivery import Outcome, Verdict
from shared.kernel.addresses import AddressBlocked, Egress


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server; `egress` judges the address of one that a workspace named."""

    host: str
    port: int
    security: str = "starttls"
    username: str | None = None
    password: str | None = None
    timeout_seconds: float = 30
    egress: Egress | None = None


class EmailChannel:
    """Mails from one sender over one server."""

    is_simulated = False

    def __init__(self, server: MailServer, sender: MailSender) -> None:
        self._server = server
        self._sender = sender
        self._smtp: SMTP | None = None

    async def open(self) -> None:
        """Connect, with TLS and credentials as configured; raises Unreachable."""
        try:
            self._smtp = await self._connected()
        except AddressBlocked as error:
            raise Unreachable(
                Verdict.FAILED, "channel_address_blocked", f"The mail server's address is {error}."
            ) from error
        except SMTPAuthenticationError as error:
            # Whoever corrects the credentials in time loses no mail.
            raise Unreachable(Verdict.TEMPORARY, "channel_credentials", _reply_text(error)) from error
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            code, message = _reason_unreachable(error)
            raise Unreachable(Verdict.TEMPORARY, code, message) from error

    async def send(self, message: Message) -> Outcome:
        """Send the mail: what is not answered after its content began is unknown."""
        try:
            content = await asyncio.to_thread(build_mail, message, self._sender)
        except (ValueError, LookupError) as error:
            return Outcome(Verdict.FAILED, "not_composed", _error_text(error))
        try:
            smtp = await self._ready()
            await smtp.mail(ascii_address(self._sender.email))
            await smtp.rcpt(ascii_address(message.recipient))
        except Unreachable as error:
            return error.outcome
        except SMTPResponseException as error:
            await self._reset()
            return _outcome_of_refusal(error, is_recipient=isinstance(error, SMTPRecipientRefused))
        except (SMTPException, OSError, TimeoutError) as error:
            await self.close()
            return Outcome(Verdict.TEMPORARY, "channel_unreachable", _error_text(error))
        return await self._content_sent(smtp, content, message_id(message, self._sender))

    async def close(self) -> None:
        """Say goodbye, but wait for no answer long."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        with contextlib.suppress(Exception):
            if smtp.is_connected:
                await smtp.quit(timeout=2)
        smtp.close()

    async def _content_sent(self, smtp: SMTP, content: bytes, reference: str) -> Outcome:
        try:
            reply = await smtp.data(content)
        except SMTPDataError as error:
            await self._reset()
            return _outcome_of_refusal(error, is_recipient=False)
        except (SMTPException, OSError, TimeoutError) as error:
            await self.close()
            return Outcome(Verdict.UNKNOWN, "no_answer", _error_text(error), reference)
        return Outcome(Verdict.SENT, None, reply.message, reference)

    async def _ready(self) -> SMTP:
        if self._smtp is None or not self._smtp.is_connected:
            await self.open()
        assert self._smtp is not None
        return self._smtp

    async def _reset(self) -> None:
        try:
            if self._smtp and self._smtp.is_connected:
                await self._smtp.rset()
        except (SMTPException, OSError, TimeoutError):
            await self.close()

    async def _connected(self) -> SMTP:
        server = self._server
        opened = await _dial(server)
        smtp = SMTP(
            hostname=server.host,
            sock=opened,
            username=server.username,
            password=server.password,
            timeout=server.timeout_seconds,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
        )
        try:
            await smtp.connect()
        except BaseException:
            # Closed under asyncio, which has it by now, its number would go to another connection.
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            raise
        return smtp


async def _dial(server: MailServer) -> socket.socket:
    """A socket to the server; every address is judged before it is dialled, and then the one that is used."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(server.timeout_seconds):
        addresses = await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
        failure: OSError = OSError(f"{server.host} has no address")
        for family, type_, protocol, _, address in addresses:
            if server.egress:
                server.egress.require(str(address[0]))
            dialled = socket.socket(family, type_, protocol)
            dialled.setblocking(False)
            try:
                await loop.sock_connect(dialled, address)
            except OSError as error:
                dialled.close()
                failure = error
            except BaseException:
                dialled.close()
                raise
            else:
                return dialled
        raise failure


def _outcome_of_refusal(error: SMTPResponseException, *, is_recipient: bool) -> Outcome:
    """What a refusal means: 4xx later, 5xx never (RFC 5321 4.2.1); a refused recipient has bounced."""
    if error.code < 500:
        return Outcome(Verdict.TEMPORARY, "deferred", _reply_text(error))
    if is_recipient:
        return Outcome(Verdict.BOUNCED, "recipient_refused", _reply_text(error))
    return Outcome(Verdict.FAILED, "rejected", _reply_text(error))


def _reason_unreachable(error: BaseException) -> tuple[str, str]:
    """Why there is no connection: a word of ours, and what whoever runs the server can act on."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "channel_certificate", f"The mail server's certificate is refused: {cause.verify_message}."
        if isinstance(cause, ssl.SSLError):
            return "channel_not_encrypted", f"No encryption is agreed on: {_error_text(cause)}"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, SMTPException) and "STARTTLS" in str(error):
        return "channel_not_encrypted", "The mail server offers no STARTTLS; nothing is sent without."
    return "channel_unreachable", _error_text(error)


def _reply_text(error: SMTPResponseException) -> str:
    return f"{error.code} {error.message}"


def _error_text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
