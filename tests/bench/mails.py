"""Mails a second over one connection: built with html and a PDF of 50 KB, for a server that drops them."""

import asyncio
import contextlib
import os
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

from services.invoice.sending.channels.channel import Attachment, Message
from services.invoice.sending.channels.email import EmailChannel, MailServer
from services.invoice.sending.channels.mail import MailSender, build_mail
from services.invoice.sending.domain.delivery import Verdict
from services.invoice.sending.rendering import message_defaults
from shared.kernel.ids import new_id
from tests.bench.platform import Platform

MAILS = 300
PDF_BYTES = 50_000
SENDER = MailSender("billing@platform.example")


async def measure(_: Platform) -> dict[str, list[dict[str, Any]]]:
    """Send so many mails one after another, as the worker does for one workspace."""
    async with _server() as port:
        channel = EmailChannel(MailServer("127.0.0.1", port, "none"), SENDER)
        await channel.open()
        took = []
        began = time.perf_counter()
        for _number in range(MAILS):
            started = time.perf_counter()
            outcome = await channel.send(_message())
            took.append(time.perf_counter() - started)
            assert outcome.verdict is Verdict.SENT, outcome
        seconds = time.perf_counter() - began
        await channel.close()
    row = {
        "mails": MAILS,
        "mails/s": f"{MAILS / seconds:.0f}",
        "ms p50": f"{statistics.median(took) * 1000:.1f}",
        "ms p99": f"{statistics.quantiles(took, n=100)[98] * 1000:.1f}",
        "build ms": f"{_build_ms():.1f}",
        "KB a mail": f"{len(build_mail(_message(), SENDER)) / 1000:.0f}",
    }
    return {"mails over one connection": [row]}


def _message() -> Message:
    texts = message_defaults.default_texts("invoice", "email", "en")
    pdf = Attachment("INV-1.pdf", "application/pdf", os.urandom(PDF_BYTES))
    return Message(
        new_id(),
        "anna@kunde.example",
        "Anna",
        "en",
        texts.body,
        "Invoice INV-1",
        texts.html,
        "Acme BV",
        "post@acme.example",
        (pdf,),
    )


def _build_ms() -> float:
    message = _message()
    started = time.perf_counter()
    for _ in range(20):
        build_mail(message, SENDER)
    return (time.perf_counter() - started) / 20 * 1000


@contextlib.asynccontextmanager
async def _server() -> AsyncIterator[int]:
    """A mail server in a process of its own that takes everything and keeps nothing."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    arguments = ("-n", "-c", "aiosmtpd.handlers.Sink", "-l", f"127.0.0.1:{port}")
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "aiosmtpd", *arguments)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.05)
        yield port
    finally:
        process.terminate()
        await process.wait()
