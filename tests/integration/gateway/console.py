"""Visits the console as a browser would: keeps cookies, sends forms back with what their pages hold."""

import html
import re
from types import TracebackType
from typing import Any, Self

import asyncpg
import httpx

from tests.integration.gateway.conftest import ADMIN, Gateway

KEYS = "/console/settings/api-keys"


class Visit:
    """A browser window without scripts; `page` is what it shows."""

    def __init__(self, gateway: Gateway) -> None:
        self.client = gateway.service.client(None)
        self.origin = gateway.service.url
        self.page = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.aclose()

    @property
    def form_token(self) -> str:
        """What the shown page's forms hold."""
        found = re.search(r'name="form_token" value="([0-9a-f]{64})"', self.page)
        assert found, self.page
        return found[1]

    @property
    def shown_key(self) -> str:
        """The text of the new key that the page shows."""
        found = re.search(r"blg_(?:live|test)_[0-9A-Za-z]{36}", self.page)
        assert found, self.page
        return found[0]

    @property
    def cookie(self) -> str:
        """The session's token."""
        return str(self.client.cookies["console"])

    async def get(self, path: str) -> httpx.Response:
        """Open a page; a redirect is not followed."""
        reply = await self.client.get(path)
        self.page = html.unescape(reply.text)
        return reply

    async def post(
        self,
        path: str,
        fields: dict[str, str | list[str]] | None = None,
        form_token: str | None = None,
        **headers: str | None,
    ) -> httpx.Response:
        """Send a form of the shown page; a header given as None is left out."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"origin": self.origin, "sec-fetch-site": "same-origin", **named}
        data = {**(fields or {}), "form_token": self.form_token if form_token is None else form_token}
        given = {name: value for name, value in sent.items() if value is not None}
        reply = await self.client.post(path, data=data, headers=given)
        if reply.text:
            self.page = html.unescape(reply.text)
        return reply

    async def sign_in(self, token: str = ADMIN, slug: str | None = None) -> httpx.Response:
        """Sign in, open the workspace with this slug, and show its keys."""
        await self.get("/console/sign-in")
        reply = await self.post("/console/sign-in", {"token": token})
        assert reply.status_code == 303, reply.text
        if slug:
            await self.get("/console/workspaces")
            opened = await self.post("/console/workspaces", {"slug": slug})
            assert opened.status_code == 303, opened.text
        return await self.get(KEYS)

    async def create(self, name: str, *scopes: str) -> tuple[str, str]:
        """Create a key by its form; returns its id and its text."""
        await self.get(f"{KEYS}/new")
        fields: dict[str, str | list[str]] = {"name": name, "expiry": "never"}
        fields |= {"access": "chosen", "scopes": list(scopes)} if scopes else {"access": "full"}
        made = await self.post(f"{KEYS}/new", fields)
        assert made.status_code == 303, made.text
        await self.get(KEYS)
        assert "blg_test_" not in re.sub(r'<code class="key-text">.*?</code>', "", self.page)
        await self.get(made.headers["location"])
        return made.headers["location"].rpartition("/")[2], self.shown_key


async def rows(databases: Any, query: str) -> list[Any]:
    """What the database answers to its administrator."""
    connection = await asyncpg.connect(databases.admin_dsn)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()
