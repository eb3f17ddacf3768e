"""HTTP in: who may enter a workspace with a user's token, and as what."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import BaseModel, Field, StringConstraints

from services.gateway.edge.authentication import Authenticator, Caller
from services.gateway.edge.entry import authenticated
from services.gateway.memberships import domain as rules
from services.gateway.memberships import operations
from services.gateway.memberships import repository as memberships
from services.gateway.memberships.domain import Membership, UnknownIssuer
from shared.events.fields import Instant
from shared.http.fields import Body
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.errors import Forbidden

router = APIRouter(
    prefix="/v1/memberships", route_class=Route, tags=["memberships"], dependencies=[Depends(authenticated)]
)
READ, WRITE = require("memberships:read"), require("memberships:write")
Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class NewMembership(Body):
    """A person to let in."""

    issuer: Word = Field(description="The `iss` of the person's tokens.")
    subject: Word = Field(description="The `sub` of the person's tokens.")
    role: Word = Field(description="As what: `owner`, `editor`, `viewer`, or a role that was configured.")


class MembershipData(BaseModel):
    """Who may enter this workspace, and as what."""

    id: UUID
    issuer: str
    subject: str
    role: str
    scopes: list[str] = Field(description="What the role opens.")
    created_by: str
    created_at: Instant


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def create(
    body: NewMembership, request: Request, work: Work, caller: Annotated[Caller, Depends(authenticated)]
) -> MembershipData:
    """Let a person in, with at most the scopes that you have yourself."""
    authenticator: Authenticator = request.app.state.gateway.authenticator
    if body.issuer not in authenticator.issuers.names:
        raise UnknownIssuer(field="issuer")
    for scope in rules.scopes_of(authenticator.roles, body.role):
        if not caller.principal.may(scope):
            raise Forbidden("A role cannot be given that opens more than you may.", field="role", scope=scope)
    made = rules.create(
        caller.workspace.id,
        body.issuer,
        body.subject,
        body.role,
        created_by=caller.principal.actor,
        now=datetime.now(UTC),
    )
    return _to_reply(await operations.add_member(work.tx, made), authenticator)


@router.get("", dependencies=[READ])
async def list_(part: Sliced, request: Request, work: Work, who: Who) -> Page[MembershipData]:
    """List who may enter, newest first."""
    authenticator: Authenticator = request.app.state.gateway.authenticator
    found = await memberships.page(work.tx, who.workspace_id, part.window())
    return part.page(found, lambda one: _to_reply(one, authenticator))


@router.delete("/{membership_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def delete(membership_id: UUID, request: Request, work: Work, who: Who) -> Response:
    """Let a person in no longer: within 30 seconds their tokens open this workspace nowhere."""
    await operations.remove_member(work.tx, who.workspace_id, membership_id)
    request.app.state.gateway.authenticator.forget(who.workspace_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def _to_reply(one: Membership, authenticator: Authenticator) -> MembershipData:
    return MembershipData(
        id=one.id,
        issuer=one.issuer,
        subject=one.subject,
        role=one.role,
        scopes=sorted(authenticator.roles.get(one.role, ())),
        created_by=one.created_by,
        created_at=one.created_at,
    )
