"""HTTP in: the console's way in: signing in and out, choosing a workspace, and the files of its pages."""

from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from services.gateway.console import operations as console_sessions
from services.gateway.console.api.pages import (
    ASSETS,
    HOME,
    SIGN_IN,
    WORKSPACES,
    PageRoute,
    plain_page,
    redirect,
)
from services.gateway.console.edge import people as console_people
from services.gateway.console.edge.sessions import (
    AnyVisitor,
    SentForm,
    SignedIn,
    Visitor,
    address_of,
    sessions,
    set_cookie,
)
from services.gateway.edge.gateway import Gateway
from shared.kernel.cursors import decode_cursor, encode_cursor
from shared.kernel.errors import NotFound, Unauthorized

router = APIRouter(prefix="/console", route_class=PageRoute, include_in_schema=False)
SERVED = {"console.css": "text/css", "console.js": "text/javascript", "icon.svg": "image/svg+xml"}
CACHED = "public, max-age=3600"
NOT_KNOWN = "This token is not known, or it has expired."
log = structlog.get_logger()


@router.get("")
async def start() -> Response:
    """The first page of the console."""
    return redirect(HOME)


@router.get("/static/{name}")
async def asset(name: str) -> Response:
    """A file of the console's pages."""
    if name not in SERVED:
        raise NotFound("There is no such file.")
    return FileResponse(ASSETS / name, media_type=SERVED[name], headers={"cache-control": CACHED})


@router.get("/sign-in")
async def show_sign_in(request: Request, visitor: AnyVisitor, ended: bool = False) -> Response:
    """The form to sign in with."""
    if visitor.session and not ended:
        return redirect(HOME)
    return _sign_in_page(request, visitor, ended=ended)


@router.post("/sign-in")
async def sign_in(request: Request, visitor: AnyVisitor, form: SentForm) -> Response:
    """Sign in with the admin token or a JWT; who may enter one workspace alone is in it at once."""
    gateway: Gateway = request.app.state.gateway
    credential = form.one("token")
    if not credential:
        return _sign_in_page(request, visitor, error="Enter a token.")
    try:
        await console_people.require_known(gateway, credential, address_of(request))
    except Unauthorized as error:
        known_why = isinstance(error, console_people.KeyIsNoPerson)
        return _sign_in_page(request, visitor, error=error.detail if known_why else NOT_KNOWN)
    found = await console_people.workspaces_of(gateway, credential)
    slug = found[0].slug if len(found) == 1 else None
    async with sessions(request).transaction() as tx:
        token = await console_sessions.begin(tx, visitor.token, credential, slug)
    log.info("console.signed_in", is_administrator=console_people.is_administrator(gateway, credential))
    response = redirect(HOME if slug else WORKSPACES)
    set_cookie(request, response, token)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, visitor: AnyVisitor, _: SentForm) -> Response:
    """End the session here and in the database: its cookie opens nothing any more."""
    async with sessions(request).transaction() as tx:
        await console_sessions.end(tx, visitor.token)
    return redirect(SIGN_IN)


@router.get("/workspaces")
async def list_workspaces(
    request: Request,
    visitor: AnyVisitor,
    session: SignedIn,
    slug: Annotated[str, Query(max_length=63)] = "",
    cursor: str | None = None,
) -> Response:
    """The workspaces that this person may open."""
    gateway: Gateway = request.app.state.gateway
    wanted = slug.strip().lower() if slug.isprintable() else ""
    after = decode_cursor(cursor) if cursor else None
    found = await console_people.workspaces_of(gateway, session.credential, wanted or None, after)
    shown = found[: console_people.MAX_WORKSPACES_SHOWN]
    return plain_page(
        request,
        "workspaces.html",
        visitor,
        workspaces=shown,
        open_slug=session.workspace_slug,
        slug=wanted,
        is_administrator=console_people.is_administrator(gateway, session.credential),
        next_cursor=encode_cursor(shown[-1].id) if len(found) > len(shown) else None,
    )


@router.post("/workspaces")
async def open_workspace(
    request: Request, visitor: AnyVisitor, session: SignedIn, form: SentForm
) -> Response:
    """Open a workspace; forms that were shown for another one are refused from now on."""
    gateway: Gateway = request.app.state.gateway
    _, workspace = await console_people.enter(
        gateway, session.credential, form.one("slug"), address_of(request)
    )
    async with sessions(request).transaction() as tx:
        await console_sessions.choose_workspace(tx, visitor.token, workspace.slug)
    return redirect(HOME)


# The last of all: main.py includes the routers of other pages before this one.
@router.get("/{rest:path}")
async def nothing(rest: str) -> Response:
    """A page that is not there."""
    raise NotFound("There is no such page.")


def _sign_in_page(
    request: Request, visitor: Visitor, error: str | None = None, ended: bool = False
) -> Response:
    status = HTTPStatus.UNAUTHORIZED if error else HTTPStatus.OK
    return plain_page(request, "sign_in.html", visitor, status, error=error, ended=ended)
