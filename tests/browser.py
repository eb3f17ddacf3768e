"""Fixtures `page` and `new_page`: windows of one headless Chromium, which reach this machine alone.

    async def test_a_page_greets(page: Page, gateway: Gateway) -> None:
        watch = watching(page)
        await page.goto(f"{gateway.service.url}/console")
        await page.get_by_label("Name").fill("Ada")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", name="API keys")).to_be_visible()
        assert watch.faults == []

Import `Page` and `expect` from `playwright.async_api`. Every window has cookies of its own; for another
one, narrow, dark or without scripts: `await new_page(PHONE, color_scheme="dark", java_script_enabled=False)`.
`await screenshot(page, tmp_path / "page.png")` takes the whole page; look at it while you design.

The browser starts once a process of the tests (2 s), so keep tests of pages in few files: those that need
the running platform in `tests/journeys`, the others beside their service's integration tests. Where there
is no Chromium (`make chromium` installs it) they are skipped and say why.
"""

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from deploy.local.chromium import find_chromium
from deploy.local.errors import LocalError

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Route

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
TIMEOUT_MS = 30_000
HERE = ("127.0.0.1", "localhost")
# No background traffic; no name but our own is looked up, no proxy asked.
ALONE = (
    "--disable-background-networking",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
NewPage = Callable[..., Awaitable["Page"]]


@dataclass
class Watch:
    """What went wrong in a window since it is watched."""

    console_errors: list[str] = field(default_factory=list)
    script_errors: list[str] = field(default_factory=list)
    requests_elsewhere: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """All of it; a reply of 400 or above counts, because the browser's console tells of it."""
        return [*self.console_errors, *self.script_errors, *self.requests_elsewhere]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator["Browser"]:
    """The browser itself; tests take `page` or `new_page`."""
    try:
        path = find_chromium()
    except LocalError as error:
        pytest.skip(str(error))
    from playwright.async_api import async_playwright, expect

    expect.set_options(timeout=TIMEOUT_MS)
    # Chromium refuses to run its sandbox as root.
    arguments = [*ALONE, "--no-sandbox"] if os.geteuid() == 0 else [*ALONE]
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield launched
        await launched.close()


@pytest.fixture
async def new_page(browser: "Browser") -> AsyncIterator[NewPage]:
    """Opens windows: `await new_page(PHONE, color_scheme="dark")`."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_page(viewport: Any = DESK, **options: Any) -> "Page":
            context = await browser.new_context(viewport=viewport, locale="en-GB", **options)
            stack.push_async_callback(context.close)
            context.set_default_timeout(TIMEOUT_MS)
            await context.route(lambda url: not is_here(url), _refuse)
            return await context.new_page()

        yield open_page


@pytest.fixture
async def page(new_page: NewPage) -> "Page":
    """A window as wide as a desk's."""
    return await new_page()


def watching(page: "Page") -> Watch:
    """Notes from now on what the window complains of and what it asks of other machines."""
    watch = Watch()
    page.on("console", lambda said: watch.console_errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: watch.script_errors.append(str(error)))
    page.on("request", lambda sent: None if is_here(sent.url) else watch.requests_elsewhere.append(sent.url))
    return watch


def is_here(url: str) -> bool:
    """Whether the address is one of this machine, or none at all (data:, blob:, about:)."""
    parts = urlsplit(url)
    return parts.hostname in HERE or parts.scheme in ("data", "blob", "about")


async def screenshot(page: "Page", path: Path) -> None:
    """A picture of the whole page."""
    await page.screenshot(path=path, full_page=True, animations="disabled")


async def _refuse(route: "Route") -> None:
    await route.abort()
