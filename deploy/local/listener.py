"""An integrator's webhook endpoint: takes deliveries on this machine and checks their signatures."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

PATH = "/hooks"


@dataclass(frozen=True)
class Delivery:
    """One signed event, and when it came (seconds of the wall clock)."""

    body: dict[str, Any]
    arrived_at: float


@dataclass
class Listener:
    """Deliveries whose signature the official library accepts; others are refused with 401."""

    url: str = ""
    secret: str = ""
    received: list[Delivery] = field(default_factory=list)
    refused_count: int = 0
    _arrival: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def wait_for(self, wanted: Callable[[dict[str, Any]], bool], timeout_seconds: float) -> Delivery:
        """The first delivery of this kind, past or future; raises TimeoutError."""
        async with asyncio.timeout(timeout_seconds), self._arrival:
            while not (found := [delivery for delivery in self.received if wanted(delivery.body)]):
                await self._arrival.wait()
        return found[0]

    async def take(self, request: web.Request) -> web.Response:
        """Answer one delivery."""
        text = await request.text()
        try:
            Webhook(self.secret).verify(
                text, {name.lower(): value for name, value in request.headers.items()}
            )
        except WebhookVerificationError:
            self.refused_count += 1
            return web.Response(status=401)
        async with self._arrival:
            self.received.append(Delivery(json.loads(text), time.time()))
            self._arrival.notify_all()
        return web.Response(status=204)


@asynccontextmanager
async def listening(port: int) -> AsyncIterator[Listener]:
    """Serve the endpoint on the loopback address for the length of the block."""
    listener = Listener(url=f"http://127.0.0.1:{port}{PATH}")
    application = web.Application()
    application.router.add_post(PATH, listener.take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield listener
    finally:
        await runner.cleanup()
