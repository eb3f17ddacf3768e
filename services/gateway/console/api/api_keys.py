"""HTTP in: Settings > API keys: list, create (shown once), rotate, revoke."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.gateway.console import operations as console_sessions
from services.gateway.console.api.key_form import EXPIRIES, KeyForm
from services.gateway.console.api.pages import HOME, PageRoute, page, redirect
from services.gateway.console.domain import Notice
from services.gateway.console.edge.sessions import (
    Form,
    Member,
    SentForm,
    SignedInMember,
    own_origin,
    sessions,
)
from services.gateway.edge.gateway import Gateway
from services.gateway.keys import operations
from services.gateway.keys import repository as api_keys
from services.gateway.keys.domain import scopes as scope_rules
from shared.kernel.cursors import decode_cursor, encode_cursor
from shared.kernel.errors import Forbidden
from shared.postgres.listing import Window
from shared.postgres.transaction import Database

router = APIRouter(prefix=HOME, route_class=PageRoute, include_in_schema=False)
READ, WRITE = "api-keys:read", "api-keys:write"
PAGE_SIZE = 50
DEFAULT_GRACE_SECONDS = 86_400
GRACES = {"0": "Now", "3600": "In 1 hour", "86400": "In 1 day", "604800": "In 7 days"}
"""When a replaced key stops, in seconds."""


@router.get("")
async def list_(
    request: Request,
    member: SignedInMember,
    show: Annotated[Literal["active", "revoked"], Query()] = "active",
    cursor: str | None = None,
) -> Response:
    """The workspace's keys, newest first."""
    _require(member, READ)
    after, is_revoked = decode_cursor(cursor) if cursor else None, show == "revoked"
    async with _workspace(request).transaction(member.workspace.id) as tx:
        found = await api_keys.page(
            tx, member.workspace.id, api_keys.Filter(is_revoked=is_revoked), Window(after, PAGE_SIZE + 1)
        )
        revoked_count = await api_keys.count(tx, member.workspace.id, api_keys.Filter(is_revoked=True))
    shown = found.rows[:PAGE_SIZE]
    return await page(
        request,
        "api_keys.html",
        member,
        keys=shown,
        show=show,
        revoked_count=revoked_count,
        may_write=member.principal.may(WRITE),
        is_first_page=after is None,
        next_cursor=encode_cursor(shown[-1].id) if len(found.rows) > PAGE_SIZE else None,
    )


@router.get("/new")
async def show_new(request: Request, member: SignedInMember) -> Response:
    """The form for a new key."""
    _require(member, WRITE)
    return await _form_page(request, member, KeyForm.fresh())


@router.post("/new")
async def create(request: Request, member: SignedInMember, sent: SentForm) -> Response:
    """Create a key; the next page shows it, once."""
    _require(member, WRITE)
    form = KeyForm.read(sent, member.workspace, member.principal)
    if form.errors:
        return await _form_page(request, member, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    gateway: Gateway = request.app.state.gateway
    async with _workspace(request).transaction(member.workspace.id) as tx:
        key, text = await operations.create_api_key(
            tx,
            member.workspace,
            form.name,
            form.scopes,
            expires_at=form.expires_at,
            created_by=member.principal.actor,
            pepper=gateway.pepper,
        )
    return await _leave(request, member, f"{HOME}/{key.id}", Notice(f"“{key.name}” is ready.", secret=text))


@router.get("/{key_id}")
async def show(key_id: UUID, request: Request, member: SignedInMember) -> Response:
    """A key; right after its creation with its text, which is shown this one time."""
    _require(member, READ)
    async with _workspace(request).transaction(member.workspace.id) as tx:
        key = await api_keys.get(tx, member.workspace.id, key_id)
    may_write = member.principal.may(WRITE)
    return await page(
        request, "api_key.html", member, key=key, may_write=may_write, base_url=own_origin(request)
    )


@router.get("/{key_id}/rotate")
async def show_rotate(key_id: UUID, request: Request, member: SignedInMember) -> Response:
    """What rotating means, before it is done."""
    return await _confirmation(request, member, key_id, "api_key_rotate.html", graces=GRACES)


@router.post("/{key_id}/rotate")
async def rotate(key_id: UUID, request: Request, member: SignedInMember, sent: SentForm) -> Response:
    """Replace a key: the next page shows the new one, once; both open for the time that was chosen."""
    _require(member, WRITE)
    gateway: Gateway = request.app.state.gateway
    async with _workspace(request).transaction(member.workspace.id) as tx:
        for scope in (await api_keys.get(tx, member.workspace.id, key_id)).scopes:
            _require(member, scope)
        key, text = await operations.rotate_api_key(
            tx,
            member.workspace,
            key_id,
            grace=_grace(sent),
            expires_at=None,
            created_by=member.principal.actor,
            pepper=gateway.pepper,
        )
    gateway.authenticator.forget(member.workspace.id)
    return await _leave(
        request, member, f"{HOME}/{key.id}", Notice(f"“{key.name}” is replaced.", secret=text)
    )


@router.get("/{key_id}/revoke")
async def show_revoke(key_id: UUID, request: Request, member: SignedInMember) -> Response:
    """What revoking means, before it is done."""
    return await _confirmation(request, member, key_id, "api_key_revoke.html")


@router.post("/{key_id}/revoke")
async def revoke(key_id: UUID, request: Request, member: SignedInMember, _: SentForm) -> Response:
    """Revoke a key: within 30 seconds it opens nothing anywhere."""
    _require(member, WRITE)
    async with _workspace(request).transaction(member.workspace.id) as tx:
        for scope in (await api_keys.get(tx, member.workspace.id, key_id)).scopes:
            _require(member, scope)
        key = await operations.revoke_api_key(tx, member.workspace.id, key_id)
    gateway: Gateway = request.app.state.gateway
    gateway.authenticator.forget(member.workspace.id)
    notice = Notice(f"“{key.name}” is revoked. Within 30 seconds it opens nothing.")
    return await _leave(request, member, HOME, notice)


async def _confirmation(
    request: Request, member: Member, key_id: UUID, template: str, **values: object
) -> Response:
    _require(member, WRITE)
    async with _workspace(request).transaction(member.workspace.id) as tx:
        key = await api_keys.get(tx, member.workspace.id, key_id)
    if key.revoked_at:
        return redirect(f"{HOME}/{key.id}")
    return await page(request, template, member, HTTPStatus.OK, key=key, **values)


def _grace(sent: Form) -> timedelta:
    chosen = sent.one("grace")
    return timedelta(seconds=int(chosen) if chosen in GRACES else DEFAULT_GRACE_SECONDS)


def _require(member: Member, scope: str) -> None:
    if not member.principal.may(scope):
        raise Forbidden(f"Your role in this workspace lacks the scope {scope}.")


def _workspace(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def _leave(request: Request, member: Member, path: str, notice: Notice) -> Response:
    """Go to the page at the path, which shows the notice once."""
    async with sessions(request).transaction() as tx:
        await console_sessions.leave_notice(tx, member.visitor.token, path, notice)
    return redirect(path)


async def _form_page(
    request: Request, member: Member, form: KeyForm, status: int = HTTPStatus.OK
) -> Response:
    return await page(
        request,
        "api_key_new.html",
        member,
        status,
        form=form,
        groups=scope_rules.GROUPS,
        expiries=EXPIRIES,
        may=member.principal.may,
    )
