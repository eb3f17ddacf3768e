"""Credit balances: money of a contact that no invoice took, owed to the contact until one does."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.events.payment import CreditBalanceData


@dataclass(frozen=True, slots=True)
class CreditBalance:
    """What the workspace owes one contact in one currency, in minor units, at one version."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    contact_id: UUID
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Credit:
    """Money that goes into a credit balance, in minor units."""

    workspace_id: UUID
    contact_id: UUID
    currency: str
    amount_minor: int
    at: datetime


def snapshot(balance: CreditBalance) -> CreditBalanceData:
    """The balance as the public API and events show it."""
    return CreditBalanceData(
        id=balance.id,
        version=balance.version,
        created_at=balance.created_at,
        updated_at=balance.updated_at,
        contact_id=balance.contact_id,
        currency=balance.currency,
        amount_minor=balance.amount_minor,
    )
