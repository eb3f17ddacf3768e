"""The sandbox provider with both of its faces, each behind our port."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from services.payment.providers.provider import Amount, Provider
from services.payment.providers.stripe import StripeAccount, StripeProvider
from services.payment.sandbox.providers.engine import Engine
from services.payment.sandbox.providers.sandbox import SandboxProvider
from tests.stripe_server import Conduct, make_app
from tests.stripe_store import FileStore

ACCOUNT = "sk_test_account"
SECRET = "whsec_for_tests"
EUROS = Amount(33900, "EUR")


@dataclass(frozen=True, slots=True)
class Face:
    """A provider, and the engine behind it, which knows what was really charged."""

    provider: Provider
    engine: Engine

    async def method(self, card: str) -> str:
        """A method made from a test card."""
        return str((await self.engine.create_method(card, "cus_1")).document["id"])

    async def charged_minor(self) -> list[int]:
        """Every charge."""
        return [charge["amount"] for charge in await self.engine.find("charge")]


@contextlib.asynccontextmanager
async def open_face(name: str, folder: Path) -> AsyncIterator[Face]:
    """The `port` face, or the `http` face over real sockets through the official SDK."""
    book = FileStore(folder / "sandbox.db")
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(book.close)
        if name == "port":
            sandbox = SandboxProvider(book, ACCOUNT, slow_seconds=0)
            yield Face(sandbox, sandbox.engine)
            return
        url = await stack.enter_async_context(serving(book, Conduct(slow_ms=0)))
        stripe = StripeProvider(StripeAccount(ACCOUNT, SECRET, url, timeout_seconds=10))
        stack.push_async_callback(stripe.close)
        yield Face(stripe, Engine(book, ACCOUNT))


@contextlib.asynccontextmanager
async def serving(book: FileStore, conduct: Conduct) -> AsyncIterator[str]:
    """The Stripe-shaped server on a free port; its address."""
    runner = web.AppRunner(make_app(book, conduct), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, shutdown_timeout=0.2)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
