"""Whoever has an invoice's public link: no account, one invoice of one workspace, and nothing else."""

from dataclasses import dataclass
from uuid import UUID

from services.gateway.edge.authentication import Authenticator
from services.gateway.workspaces import repository as workspaces
from shared.http.internal_auth import Principal
from shared.kernel.errors import NotFound
from shared.kernel.public_link import LinkKeys, Target

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class LinkHolder:
    """A visitor with a good link: what it opens, and the Authorization header that says so to services."""

    token: str
    target: Target
    authorization: str
    url: str


@dataclass(frozen=True, slots=True)
class LinkHolders:
    """Reads links; a forged one costs one HMAC, and no service or database hears of it."""

    authenticator: Authenticator
    keys: LinkKeys
    base_url: str

    async def admit(self, token: str) -> LinkHolder:
        """Who has this token; raises NotFound for one that we did not make."""
        target = self.keys.read(token)
        if target is None:
            raise NotFound
        scope = f"public:{target.invoice_id}"
        authorization = await self.as_one(target.workspace_id, scope)
        return LinkHolder(token, target, authorization, f"{self.base_url}/i/{token}")

    async def as_one(self, workspace_id: UUID, scope: str) -> str:
        """An Authorization header for this scope alone, in the workspace; raises NotFound."""
        async with (await self.authenticator.database()).transaction() as tx:
            workspace = await workspaces.get(tx, workspace_id)
        principal = Principal(
            workspace_id=workspace.id,
            actor="public",
            scopes=frozenset({scope}),
            mode=workspace.mode,
            zone=workspace.zone,
            currency=workspace.currency,
            clock_offset_ms=workspace.clock_offset_ms,
            workspace_name=workspace.name,
        )
        return f"Bearer {self.authenticator.tokens.sign(principal)}"

    def as_nobody(self) -> str:
        """An Authorization header for what belongs to no workspace: what pages load, what is not there."""
        return f"Bearer {self.authenticator.tokens.sign(Principal(NOBODY, 'public', frozenset()))}"
