"""What a person's credential opens in the console: the admin token every workspace, a JWT its user's."""

from collections.abc import Sequence
from uuid import UUID

from services.gateway.edge import credentials
from services.gateway.edge.authentication import WrongWorkspace
from services.gateway.edge.gateway import Gateway
from services.gateway.keys.domain import key_text
from services.gateway.memberships import repository as memberships
from services.gateway.workspaces import repository as workspaces
from services.gateway.workspaces.domain import Workspace
from shared.http.internal_auth import Principal
from shared.kernel.errors import Unauthorized
from shared.postgres.listing import Window

ADMINISTRATOR = "admin"
MAX_WORKSPACES_SHOWN = 50


class KeyIsNoPerson(Unauthorized):
    """An API key is for programs: sign in with the admin token or with your access token (JWT)."""

    code = "key_is_no_person"


def is_administrator(gateway: Gateway, credential: str) -> bool:
    """Whether it is the platform's admin token; the time taken tells nothing about where they differ."""
    try:
        credentials.require_same(credential, gateway.admin_token)
    except Unauthorized:
        return False
    return True


async def require_known(gateway: Gateway, credential: str, address: str) -> None:
    """Raise Unauthorized unless somebody may sign in with this, TooManyFailures for who guesses."""
    attempts = gateway.authenticator.attempts
    digest = key_text.digest(credential, gateway.pepper)
    attempts.require_allowed(address, digest)
    try:
        if credential.startswith("blg_"):
            raise KeyIsNoPerson
        if not is_administrator(gateway, credential):
            await gateway.authenticator.issuers.verify(credential)
    except Unauthorized:
        attempts.failed(address)
        raise
    attempts.succeeded(digest)


async def workspaces_of(
    gateway: Gateway, credential: str, slug: str | None = None, after: UUID | None = None
) -> Sequence[Workspace]:
    """Workspaces (with this slug) that the credential opens, newest first; one more than are shown.

    Raises Unauthorized once the credential has lost its worth.
    """
    database = await gateway.authenticator.database()
    limit = MAX_WORKSPACES_SHOWN + 1
    if is_administrator(gateway, credential):
        async with database.transaction() as tx:
            return (await workspaces.page(tx, workspaces.Filter(slug=slug), Window(after, limit))).rows
    user = await gateway.authenticator.issuers.verify(credential)
    async with database.transaction() as tx:
        return await memberships.workspaces_of(
            tx, user.issuer, user.subject, list(user.roles), slug=slug, after=after, limit=limit
        )


async def enter(gateway: Gateway, credential: str, slug: str, address: str) -> tuple[Principal, Workspace]:
    """The person within this workspace, as the credential allows it now.

    Raises Unauthorized once the credential has lost its worth, WrongWorkspace where it opens another one.
    """
    if is_administrator(gateway, credential):
        return await _administrator(gateway, slug)
    headers = {b"authorization": f"Bearer {credential}".encode(), b"x-tenant-slug": slug.encode()}
    caller = await gateway.authenticator.caller(headers, address)
    return caller.principal, caller.workspace


async def _administrator(gateway: Gateway, slug: str) -> tuple[Principal, Workspace]:
    async with (await gateway.authenticator.database()).transaction() as tx:
        workspace = await workspaces.find_by_slug(tx, slug)
    if workspace is None:
        raise WrongWorkspace
    principal = Principal(
        workspace_id=workspace.id,
        actor=ADMINISTRATOR,
        mode=workspace.mode,
        zone=workspace.zone,
        currency=workspace.currency,
        clock_offset_ms=workspace.clock_offset_ms,
        workspace_name=workspace.name,
    )
    return principal, workspace
