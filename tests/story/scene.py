"""The stage of a story: two workspaces on a running platform, and a server that takes webhooks."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
from aiohttp import web

from shared.kernel.ids import new_id
from tests.story import dialects, hooks, invoicing, metering, money, platform, renewing, sales
from tests.story.documents import Apis
from tests.story.tales import World
from tests.story.telling import Telling

PREFIXES = {
    "gateway": "",
    "paydock": "/paydock/api",
    "workspace": "/workspace/api/v1",
    "fastfaktura": "/fastfaktura/api/v1",
    "facturering": "/facturering",
}
BOOK = (sales, invoicing, money, renewing, metering, dialects, hooks, platform)


async def tell_all(gateway_url: str, admin_token: str, *, has_stranger: bool) -> Telling:
    """The whole story, as it went."""
    async with contextlib.AsyncExitStack() as stack:
        admin = await stack.enter_async_context(_client(gateway_url, authorization=f"Bearer {admin_token}"))
        apis = Apis.of(await _documents(admin))
        owner = await stack.enter_async_context(await _a_workspace(admin, gateway_url, "jansen"))
        stranger = None
        if has_stranger:
            stranger = await stack.enter_async_context(await _a_workspace(admin, gateway_url, "stranger"))
        world = World(Telling(apis, owner, stranger), admin, await stack.enter_async_context(_receiver()))
        await hooks.listening(world)
        for volume in BOOK:
            for chapter in volume.CHAPTERS:
                await chapter(world)
        await platform.administration(world)
        return world.tell


def _client(url: str, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=60)


async def _documents(admin: httpx.AsyncClient) -> Mapping[str, tuple[str, Any]]:
    return {
        name: (prefix, (await admin.get(f"{prefix}/openapi.json")).json())
        for name, prefix in PREFIXES.items()
    }


async def _a_workspace(admin: httpx.AsyncClient, url: str, name: str) -> httpx.AsyncClient:
    body = {"slug": f"{name}-{new_id().hex[-12:]}", "name": name.title(), "mode": "sandbox"}
    reply = await admin.post("/v1/workspaces", json=body)
    assert reply.status_code == 201, reply.text
    headers = {"x-api-key": reply.json()["api_key"]["key"]}
    return _client(url, **headers)


@contextlib.asynccontextmanager
async def _receiver() -> AsyncIterator[str]:
    async def take(_: web.Request) -> web.Response:
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/hooks", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"
    finally:
        await runner.cleanup()
