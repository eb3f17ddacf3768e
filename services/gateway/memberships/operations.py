"""Lets people into a workspace, and out of it again."""

from uuid import UUID

from services.gateway.memberships import repository as memberships
from services.gateway.memberships.domain import Membership
from shared.postgres.pool import Connection


async def add_member(tx: Connection, membership: Membership) -> Membership:
    """Let the person in; raises AlreadyMember."""
    await memberships.insert(tx, membership)
    return membership


async def remove_member(tx: Connection, workspace_id: UUID, membership_id: UUID) -> Membership:
    """Let the person in no longer; raises NotFound."""
    membership = await memberships.lock(tx, workspace_id, membership_id)
    await memberships.delete(tx, membership)
    return membership
