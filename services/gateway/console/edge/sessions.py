"""Who visits the console: a cookie's session, the person in it, and whether a form came from our own page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, Request, Response

from services.gateway.console import domain as console_session
from services.gateway.console import operations as console_sessions
from services.gateway.console.domain import Session
from services.gateway.console.edge import people as console_people
from services.gateway.edge.authentication import WrongWorkspace
from services.gateway.edge.gateway import Gateway
from services.gateway.workspaces.domain import Workspace
from shared.http.internal_auth import Principal, speak_for
from shared.kernel.errors import BadRequest, Forbidden, Unauthorized
from shared.postgres.transaction import Database

LOOPBACK = ("127.0.0.1", "localhost", "::1")
FORM_TYPE = "application/x-www-form-urlencoded"
FORM_TOKEN = "form_token"  # noqa: S105
MAX_FORM_BYTES = 64 * 1024
MAX_FORM_FIELDS = 500


class SignInNeeded(Unauthorized):
    """Nobody is signed in here, or the session has ended."""

    code = "sign_in_needed"


class WorkspaceNeeded(Unauthorized):
    """No workspace is open yet."""

    code = "workspace_needed"


class ForeignForm(Forbidden):
    """This form is out of date: you signed in again or opened another workspace since it was shown."""

    code = "foreign_form"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser: the token of its cookie, and the session that this opens, if any."""

    token: str
    is_new: bool
    session: Session | None

    @property
    def workspace_slug(self) -> str | None:
        """The workspace that is open."""
        return self.session.workspace_slug if self.session else None

    @property
    def form_token(self) -> str:
        """What its forms send back."""
        return console_session.form_token(self.token, self.workspace_slug)


@dataclass(frozen=True, slots=True)
class Member:
    """A person in the workspace that is open."""

    visitor: Visitor
    principal: Principal
    workspace: Workspace


class Form:
    """The fields of a form, as text."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values

    def one(self, name: str) -> str:
        """The field's text without the space around it; empty where it was not sent."""
        return self.all(name)[-1].strip() if self.all(name) else ""

    def all(self, name: str) -> Sequence[str]:
        """Every value of the field: of checkboxes those that are ticked."""
        return self._values.get(name, ())


def address_of(request: Request) -> str:
    """Where the request comes from, to count failed attempts by."""
    address: str = request.scope["visit"].address
    return address


def sessions(request: Request) -> Database:
    """Where sessions are kept; they belong to no workspace."""
    database: Database = request.app.state.parts.worker
    return database


async def find_visitor(request: Request) -> Visitor:
    """Whoever asks; a new token where the browser has none."""
    token = request.cookies.get(_cookie_name(request), "")
    if not console_session.is_token(token):
        return Visitor(console_session.new_token(), True, None)
    async with sessions(request).transaction() as tx:
        return Visitor(token, False, await console_sessions.find(tx, token))


AnyVisitor = Annotated[Visitor, Depends(find_visitor)]


async def require_session(visitor: AnyVisitor) -> Session:
    """The session of whoever is signed in; raises SignInNeeded."""
    if visitor.session is None:
        raise SignInNeeded
    return visitor.session


SignedIn = Annotated[Session, Depends(require_session)]


async def require_member(request: Request, visitor: AnyVisitor, session: SignedIn) -> Member:
    """The person in the open workspace, as the credential allows it now; raises Unauthorized."""
    if session.workspace_slug is None:
        raise WorkspaceNeeded
    gateway: Gateway = request.app.state.gateway
    try:
        principal, workspace = await console_people.enter(
            gateway, session.credential, session.workspace_slug, address_of(request)
        )
    except WrongWorkspace as error:
        # The membership was withdrawn since; the person may be in other workspaces still.
        raise WorkspaceNeeded from error
    request.scope["principal"] = principal
    speak_for(principal)
    return Member(visitor, principal, workspace)


SignedInMember = Annotated[Member, Depends(require_member)]


async def read_form(request: Request, visitor: AnyVisitor) -> Form:
    """The form that was sent; raises ForeignForm unless our own page made it, for this session."""
    _require_own_origin(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise BadRequest("This is not a form.")
    form = _parse(await request.body())
    if not console_session.is_form_token(form.one(FORM_TOKEN), visitor.token, visitor.workspace_slug):
        raise ForeignForm
    return form


SentForm = Annotated[Form, Depends(read_form)]


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Give the browser its token: for this site's own pages only, out of the reach of scripts."""
    response.set_cookie(
        _cookie_name(request),
        token,
        max_age=console_session.LIFETIME_SECONDS,
        path="/",
        secure=not _is_local(request),
        httponly=True,
        samesite="strict",
    )


def own_origin(request: Request) -> str:
    """Where this console is, as browsers name it."""
    scheme = "http" if _is_local(request) else "https"
    return f"{scheme}://{request.headers.get('host', '')}"


def _cookie_name(request: Request) -> str:
    # The browser takes the prefix only from a secure page, and then only from this very host.
    return "console" if _is_local(request) else "__Host-console"


def _is_local(request: Request) -> bool:
    # Behind a proxy that ends TLS the scheme is http as well, but the host is not this machine.
    return request.url.scheme == "http" and request.url.hostname in LOOPBACK


def _require_own_origin(request: Request) -> None:
    own = own_origin(request)
    if request.headers.get("origin") != own:
        raise ForeignForm(f"Forms are taken from pages of {own} only.")
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise ForeignForm


def _parse(body: bytes) -> Form:
    if len(body) > MAX_FORM_BYTES:
        raise BadRequest("The form is too large.")
    try:
        values = parse_qs(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FORM_FIELDS
        )
    except ValueError as error:
        raise BadRequest("The form cannot be read.") from error
    if any("\0" in value for given in values.values() for value in given):
        raise BadRequest("The form cannot be read.")
    return Form(values)
