"""Memberships: a person, known by an issuer's tokens, who may enter a workspace as something."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id


class AlreadyMember(Conflict):
    """This subject of this issuer is a member of the workspace already; delete that membership first."""

    code = "already_member"


class UnknownRole(Invalid):
    """There is no such role; ROLES in the gateway's settings names them."""

    code = "unknown_role"


class UnknownIssuer(Invalid):
    """Tokens of this issuer are not accepted here."""

    code = "unknown_issuer"


@dataclass(frozen=True, slots=True)
class Membership:
    """Whom it is for (`subject` is the token's `sub`), and as what."""

    workspace_id: UUID
    id: UUID
    issuer: str
    subject: str
    role: str
    created_by: str
    created_at: datetime


def create(
    workspace_id: UUID, issuer: str, subject: str, role: str, *, created_by: str, now: datetime
) -> Membership:
    """A new membership."""
    return Membership(workspace_id, new_id(), issuer, subject, role, created_by, now)


def scopes_of(roles: Mapping[str, frozenset[str]], role: str) -> frozenset[str]:
    """What the role opens; raises UnknownRole."""
    scopes = roles.get(role)
    if scopes is None:
        raise UnknownRole(field="role")
    return scopes
