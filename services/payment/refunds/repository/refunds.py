"""SQL of refunds: each is inserted once, then only its state changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from asyncpg import Record

from services.payment.refunds.domain.refund import Refund, RefundStatus
from shared.events.payment import RefundState
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, in_order, where
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

_COLUMNS = """workspace_id, id, version, created_at, updated_at, payment_id, contact_id, state, amount_minor,
    currency, method, reason, external_reference, credit_note_id, failure_reason"""

_SAVE = Statement(f"""
INSERT INTO refund ({_COLUMNS})
SELECT * FROM unnest(:workspace_id::uuid[], :id::uuid[], :version::bigint[], :created_at::timestamptz[],
    :updated_at::timestamptz[], :payment_id::uuid[], :contact_id::uuid[], :state::text[],
    :amount_minor::bigint[], :currency::text[], :method::text[], :reason::text[],
    :external_reference::text[], :credit_note_id::uuid[], :failure_reason::text[])
ON CONFLICT (workspace_id, id) DO UPDATE SET state = excluded.state, version = excluded.version,
    updated_at = excluded.updated_at, failure_reason = excluded.failure_reason
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFilter:
    """Which refunds."""

    payment_id: Annotated[UUID | None, in_order("payment_id = :payment_id")] = None
    contact_id: Annotated[UUID | None, in_order("contact_id = :contact_id")] = None
    state: Annotated[RefundState | None, where("state = :state")] = None
    credit_note_id: Annotated[UUID | None, in_order("credit_note_id = :credit_note_id")] = None


_LIST = Listing(RefundFilter, "refund", _COLUMNS)


async def get(tx: Connection, workspace_id: UUID, refund_id: UUID) -> Refund:
    """The refund; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM refund WHERE workspace_id = $1 AND id = $2", workspace_id, refund_id
    )
    return _refund(row) if row else raise_not_found("refund", refund_id)


async def find(tx: Connection, workspace_id: UUID, filters: RefundFilter, window: Window) -> Found[Refund]:
    """Refunds, newest first."""
    return await _LIST.find(tx, workspace_id, filters, window, _refund)


async def of_payments(
    tx: Connection, workspace_ids: Sequence[UUID], payment_ids: Sequence[UUID]
) -> dict[UUID, tuple[Refund, ...]]:
    """The refunds of these (workspace, payment), by payment, oldest first."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM refund
        JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (workspace_id, payment_id)
            USING (workspace_id, payment_id)
        ORDER BY id""",
        workspace_ids,
        payment_ids,
    )
    by_payment: dict[UUID, tuple[Refund, ...]] = {}
    for row in rows:
        by_payment[row["payment_id"]] = (*by_payment.get(row["payment_id"], ()), _refund(row))
    return by_payment


async def save(tx: Connection, refunds: Sequence[Refund]) -> None:
    """Store refunds that are new or have another state."""
    await _SAVE.execute_many(tx, refunds)


def _refund(row: Record) -> Refund:
    return Refund(**{**row, "state": RefundStatus(row["state"])})
