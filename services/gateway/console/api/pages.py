"""How the console's pages are made: templates, navigation, headers, and errors as pages."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.gateway.console import operations as console_sessions
from services.gateway.console.api import words as console_words
from services.gateway.console.edge.sessions import (
    Member,
    SignInNeeded,
    Visitor,
    WorkspaceNeeded,
    sessions,
    set_cookie,
)
from shared.kernel import context
from shared.kernel.errors import BillingError, NotFound, Unauthorized

HOME = "/console/settings/api-keys"
SIGN_IN = "/console/sign-in"
WORKSPACES = "/console/workspaces"
ASSETS = Path(__file__).parents[2] / "static" / "console"
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    # Stricter than this, and browsers would send forms with the origin "null".
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A page that the navigation leads to; `icon` is one of icons.html."""

    title: str
    path: str
    icon: str


@dataclass(frozen=True, slots=True)
class Section:
    """Pages that stand together in the navigation."""

    title: str
    entries: tuple[NavigationEntry, ...]


NAVIGATION = (
    Section("Settings", (NavigationEntry("API keys", HOME, "key"),)),
    Section("Reference", (NavigationEntry("API documentation", "/docs", "book"),)),
)

_templates = Environment(
    loader=FileSystemLoader(ASSETS / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_templates.filters.update(console_words.FILTERS)
_templates.globals.update(navigation=NAVIGATION, home=HOME)


class PageRoute(APIRoute):
    """Answers errors as pages, leads to the sign-in where it is needed, and adds the safe headers."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except WorkspaceNeeded:
                response = redirect(WORKSPACES)
            except SignInNeeded:
                response = redirect(SIGN_IN)
            except Unauthorized:
                # The credential has expired or was withdrawn since the sign-in.
                response = redirect(f"{SIGN_IN}?ended=1")
            except RequestValidationError:
                response = error_page(NotFound("There is no such page."))
            except BillingError as error:
                response = error_page(error)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer


async def page(
    request: Request, template: str, member: Member, status: int = HTTPStatus.OK, **values: object
) -> Response:
    """A page of the open workspace, with the notice that was left for it."""
    visitor = member.visitor
    async with sessions(request).transaction() as tx:
        notice = await console_sessions.take_notice(tx, visitor.token, request.url.path)
    shown = {"member": member, "workspace": member.workspace, "notice": notice, **values}
    return plain_page(request, template, visitor, status, **shown)


def render(template: str, **values: object) -> str:
    """The text of a page."""
    return _templates.get_template(template).render(values)


def plain_page(
    request: Request, template: str, visitor: Visitor, status: int = HTTPStatus.OK, **values: object
) -> Response:
    """A page outside any workspace; a browser without a cookie gets one."""
    shown = {"path": request.url.path, "form_token": visitor.form_token, "now": datetime.now(UTC)}
    response = HTMLResponse(render(template, **(shown | values)), int(status))
    if visitor.is_new:
        set_cookie(request, response, visitor.token)
    return response


def error_page(error: BillingError) -> Response:
    """What went wrong, in a sentence, with the number by which our log knows it."""
    title = console_words.error_title(error.status)
    text = render("error.html", title=title, text=error.detail, request_id=context.request_id.get())
    headers = {"retry-after": str(error.retry_after_seconds)} if error.retry_after_seconds else {}
    return HTMLResponse(text, int(error.status), headers)


def redirect(path: str) -> Response:
    """Go to another page with a GET."""
    return RedirectResponse(path, int(HTTPStatus.SEE_OTHER))
