"""SQL of refunds: each is inserted once, then only its state changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from asyncpg import Record

from services.payment.refunds.domain.refund import Refund, RefundStatus
from shared.events.payment import RefundState
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Listing, Window, where
from shared.postgres.pool import Connection

_COLUMNS = """workspace_id, id, version, created_at, updated_at, payment_id, contact_id, state, amount_minor,
    currency, method, reason, external_reference, credit_note_id, failure_reason"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which refunds."""

    payment_id: Annotated[UUID | None, where("payment_id = :payment_id")] = None
    contact_id: Annotated[UUID | None, where("contact_id = :contact_id")] = None
    state: Annotated[RefundState | None, where("state = :state")] = None
    credit_note_id: Annotated[UUID | None, where("credit_note_id = :credit_note_id")] = None


_LIST = Listing(Filter, "refund", _COLUMNS)


async def get(tx: Connection, workspace_id: UUID, refund_id: UUID) -> Refund:
    """The refund; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM refund WHERE workspace_id = $1 AND id = $2", workspace_id, refund_id
    )
    return _refund(row) if row else raise_not_found("refund", refund_id)


async def find(tx: Connection, workspace_id: UUID, filters: Filter, window: Window) -> list[Refund]:
    """Refunds, newest first."""
    return [_refund(row) for row in await _LIST.page(tx, workspace_id, filters, window)]


async def count(tx: Connection, workspace_id: UUID, filters: Filter) -> int:
    """How many the filters find."""
    return await _LIST.count(tx, workspace_id, filters)


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
    found: dict[UUID, tuple[Refund, ...]] = {}
    for row in rows:
        found[row["payment_id"]] = (*found.get(row["payment_id"], ()), _refund(row))
    return found


async def save(tx: Connection, refunds: Sequence[Refund]) -> None:
    """Store refunds that are new or have another state."""
    columns = zip(*map(_values, refunds), strict=True)
    await tx.execute(
        f"""INSERT INTO refund ({_COLUMNS})
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::timestamptz[],
            $6::uuid[], $7::uuid[], $8::text[], $9::bigint[], $10::text[], $11::text[], $12::text[],
            $13::text[], $14::uuid[], $15::text[])
        ON CONFLICT (workspace_id, id) DO UPDATE SET state = excluded.state, version = excluded.version,
            updated_at = excluded.updated_at, failure_reason = excluded.failure_reason""",
        *map(list, columns),
    )


def _values(r: Refund) -> tuple[object, ...]:
    return (
        r.workspace_id,
        r.id,
        r.version,
        r.created_at,
        r.updated_at,
        r.payment_id,
        r.contact_id,
        r.state,
        r.amount_minor,
        r.currency,
        r.method,
        r.reason,
        r.external_reference,
        r.credit_note_id,
        r.failure_reason,
    )


def _refund(row: Record) -> Refund:
    return Refund(**{**row, "state": RefundStatus(row["state"])})
