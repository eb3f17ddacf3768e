"""A small real server of key sets, told what to answer."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from joserfc.jwk import ECKey, Key, KeyParameters, KeySet, OKPKey, RSAKey


@dataclass
class KeyServer:
    """Answers at `url` with `answer`, and counts how often it was asked."""

    url: str = ""
    status: int = 200
    answer: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    def publish(self, *keys: Key) -> None:
        """Show the public halves of these keys from now on."""
        self.status, self.answer = 200, KeySet(list(keys)).as_dict(private=False)

    async def reply(self, _: web.Request) -> web.StreamResponse:
        """What it was told to answer."""
        self.asked += 1
        if isinstance(self.answer, bytes):
            return web.Response(body=self.answer, status=self.status, headers=self.headers)
        return web.json_response(self.answer, status=self.status, headers=self.headers)


@contextlib.asynccontextmanager
async def serving_keys(*keys: Key) -> AsyncIterator[KeyServer]:
    """A server with these keys, until the end of the block."""
    server = KeyServer()
    if keys:
        server.publish(*keys)
    app = web.Application()
    app.router.add_get("/{path:.*}", server.reply)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/keys"
    try:
        yield server
    finally:
        await runner.cleanup()


def a_key(kid: str, algorithm: str = "ES256") -> Key:
    """A new private key that is pinned to its algorithm."""
    about: KeyParameters = {"kid": kid, "alg": algorithm, "use": "sig"}
    if algorithm == "RS256":
        return RSAKey.generate_key(2048, about)
    if algorithm == "EdDSA":
        return OKPKey.generate_key("Ed25519", about)
    return ECKey.generate_key("P-256", about)
