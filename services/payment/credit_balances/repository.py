"""SQL of credit balances: one row for each contact and currency, raised and lowered in place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from services.payment.credit_balances.domain import Credit, CreditBalance
from shared.kernel.ids import new_id
from shared.postgres.listing import Found, Listing, Window, in_order, where
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

_COLUMNS = "workspace_id, id, version, created_at, updated_at, contact_id, currency, amount_minor"

_ADD = Statement(f"""
WITH credit AS (
    SELECT * FROM unnest(:workspace_id::uuid[], :id::uuid[], :at::timestamptz[], :contact_id::uuid[],
        :currency::text[], :amount_minor::bigint[])
        AS credit (workspace_id, id, at, contact_id, currency, amount_minor)
)
INSERT INTO credit_balance ({_COLUMNS})
SELECT workspace_id, id, 1, at, at, contact_id, currency, greatest(amount_minor, 0)
FROM credit ORDER BY workspace_id, contact_id, currency COLLATE "C"
-- What is lowered comes from the list: the row proposed here may not be negative.
ON CONFLICT (workspace_id, contact_id, currency) DO UPDATE SET version = credit_balance.version + 1,
    updated_at = greatest(credit_balance.updated_at, excluded.updated_at),
    amount_minor = credit_balance.amount_minor + (
        SELECT credit.amount_minor FROM credit WHERE credit.id = excluded.id)
RETURNING {_COLUMNS}
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBalanceFilter:
    """Which balances."""

    contact_id: Annotated[UUID | None, in_order("contact_id = :contact_id")] = None
    currency: Annotated[str | None, where("currency = :currency")] = None


_LIST = Listing(CreditBalanceFilter, "credit_balance", _COLUMNS)


async def add(tx: Connection, credits: Sequence[Credit]) -> list[CreditBalance]:
    """Raise or lower each balance, or open it; one credit a balance. Locks in the order of the keys."""
    rows = await _ADD.fetch_many(tx, credits, id=[new_id() for _ in credits])
    return [CreditBalance(**row) for row in rows]


async def find(
    tx: Connection, workspace_id: UUID, filters: CreditBalanceFilter, window: Window
) -> Found[CreditBalance]:
    """Balances, the newest opened first."""
    return await _LIST.find(tx, workspace_id, filters, window, lambda row: CreditBalance(**row))
