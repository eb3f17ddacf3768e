"""SQL of payments that were registered before; new_payments.py writes the others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from asyncpg import Record

from services.payment.disputes.domain.dispute import Dispute
from services.payment.payments.domain.payment import Allocation, Payment
from services.payment.receivables.domain.receivable import Receivable
from services.payment.refunds.domain.refund import Refund
from services.payment.refunds.repository import refunds
from shared.events.payment import PaymentState
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, in_order, where
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

_COLUMNS = """workspace_id, id, version, created_at, updated_at, contact_id, state, amount_minor,
    unallocated_minor, currency, method,
    coalesce(external_reference, released_reference) AS external_reference, paid_on, note, refunded_minor,
    disputed_minor, invoice_id, subscription_id, is_automatic, provider, provider_reference,
    payment_method_id, failure_code, failure_advice, failure_message, voided_at, void_reason,
    moved_from_contact_id, overdrawn_minor, disputes"""
_ALLOCATION_COLUMNS = """id, payment_id, invoice_id, amount_minor, live_minor, receivable_due_minor,
    receivable_paid_minor, receivable_version, serial, receivable_written_off_minor,
    receivable_write_off_version"""

_SAVE = Statement("""
UPDATE payment SET state = new.state, unallocated_minor = new.unallocated_minor,
    refunded_minor = new.refunded_minor, disputed_minor = new.disputed_minor, paid_on = new.paid_on,
    version = new.version, updated_at = new.updated_at, provider_reference = new.provider_reference,
    failure_code = new.failure_code, failure_advice = new.failure_advice,
    failure_message = new.failure_message, contact_id = new.contact_id, voided_at = new.voided_at,
    void_reason = new.void_reason, moved_from_contact_id = new.moved_from_contact_id,
    overdrawn_minor = new.overdrawn_minor, disputes = new.disputes::jsonb,
    released_reference = CASE WHEN new.state = 'voided'
        THEN coalesce(payment.external_reference, payment.released_reference) END,
    external_reference = CASE WHEN new.state <> 'voided' THEN payment.external_reference END
FROM unnest(:workspace_id::uuid[], :id::uuid[], :state::text[], :unallocated_minor::bigint[],
    :refunded_minor::bigint[], :disputed_minor::bigint[], :paid_on::date[], :version::bigint[],
    :updated_at::timestamptz[], :provider_reference::text[], :failure_code::text[], :failure_advice::text[],
    :failure_message::text[], :contact_id::uuid[], :voided_at::timestamptz[], :void_reason::text[],
    :moved_from_contact_id::uuid[], :overdrawn_minor::bigint[], :disputes::text[]) AS new (
    workspace_id, id, state, unallocated_minor, refunded_minor, disputed_minor, paid_on, version,
    updated_at, provider_reference, failure_code, failure_advice, failure_message,
    contact_id, voided_at, void_reason, moved_from_contact_id, overdrawn_minor, disputes)
WHERE payment.workspace_id = new.workspace_id AND payment.id = new.id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilter:
    """Which payments; an invoice is collected or settled by them, days are inclusive."""

    invoice_id: Annotated[
        UUID | None,
        where(
            """invoice_id = :invoice_id OR EXISTS (SELECT FROM allocation a
            WHERE a.workspace_id = :workspace_id AND a.payment_id = payment.id
                AND a.invoice_id = :invoice_id)""",
            found_in="""SELECT id FROM payment
                WHERE workspace_id = :workspace_id AND invoice_id = :invoice_id
            UNION ALL SELECT payment_id FROM allocation
                WHERE workspace_id = :workspace_id AND invoice_id = :invoice_id""",
        ),
    ] = None
    contact_id: Annotated[UUID | None, in_order("contact_id = :contact_id")] = None
    state: Annotated[PaymentState | None, where("state = :state")] = None
    external_reference: Annotated[
        str | None,
        where(
            "external_reference = :external_reference OR released_reference = :external_reference",
            found_in="""SELECT id FROM payment
                WHERE workspace_id = :workspace_id AND external_reference = :external_reference
            UNION ALL SELECT id FROM payment
                WHERE workspace_id = :workspace_id AND released_reference = :external_reference""",
        ),
    ] = None
    method: Annotated[str | None, where("method = :method")] = None
    paid_from: Annotated[date | None, where("paid_on >= :paid_from")] = None
    paid_to: Annotated[date | None, where("paid_on <= :paid_to")] = None


_LIST = Listing(PaymentFilter, "payment", _COLUMNS)


async def get(tx: Connection, workspace_id: UUID, payment_id: UUID) -> Payment:
    """The payment with its allocations; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM payment WHERE workspace_id = $1 AND id = $2", workspace_id, payment_id
    )
    return (await _complete(tx, [row]))[0] if row else raise_not_found("payment", payment_id)


async def find(tx: Connection, workspace_id: UUID, filters: PaymentFilter, window: Window) -> Found[Payment]:
    """Payments with their allocations, newest first."""
    found = await _LIST.find(tx, workspace_id, filters, window, lambda row: row)
    return found.of(await _complete(tx, found.rows))


async def invoice_of(tx: Connection, workspace_id: UUID, payment_id: UUID) -> UUID | None:
    """The invoice that the payment collects, which never changes; raises NotFound."""
    row = await tx.fetchrow(
        "SELECT invoice_id FROM payment WHERE workspace_id = $1 AND id = $2", workspace_id, payment_id
    )
    invoice_id: UUID | None = row["invoice_id"] if row else raise_not_found("payment", payment_id)
    return invoice_id


async def lock(tx: Connection, workspace_id: UUID, payment_id: UUID) -> Payment:
    """The payment with its allocations, locked; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM payment WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE",
        workspace_id,
        payment_id,
    )
    return (await _complete(tx, [row]))[0] if row else raise_not_found("payment", payment_id)


async def lock_with_credit(tx: Connection, keys: Sequence[tuple[UUID, UUID, str]]) -> list[Payment]:
    """The payments of these (workspace, contact, currency) that have unallocated money, locked by id."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM payment
        JOIN unnest($1::uuid[], $2::uuid[], $3::text[]) AS wanted (workspace_id, contact_id, currency)
            USING (workspace_id, contact_id, currency)
        WHERE unallocated_minor > 0 ORDER BY id FOR NO KEY UPDATE OF payment""",
        *map(list, zip(*keys, strict=True)),
    )
    return await _complete(tx, rows)


async def lock_allocated_to(tx: Connection, receivables: Sequence[Receivable]) -> list[Payment]:
    """The payments of which these receivables hold money, locked in the order of their ids."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM payment WHERE (workspace_id, id) IN (
            SELECT a.workspace_id, a.payment_id FROM allocation a
            JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (workspace_id, invoice_id)
                USING (workspace_id, invoice_id)
            WHERE a.live_minor > 0)
        ORDER BY id FOR NO KEY UPDATE""",
        [r.workspace_id for r in receivables],
        [r.invoice_id for r in receivables],
    )
    return await _complete(tx, rows)


async def save(tx: Connection, payments: Sequence[Payment]) -> None:
    """Store what became of payments that were there before: contact, sums, state, version, failure.

    A voided payment keeps its external reference where no other payment meets it.
    """
    # As text: a list of lists would be taken for an array of two dimensions.
    disputes = [json.dumps([dispute.to_document() for dispute in payment.disputes]) for payment in payments]
    await _SAVE.execute_many(tx, payments, disputes=disputes)


async def matched_line(tx: Connection, workspace_id: UUID, payment_id: UUID) -> UUID | None:
    """The line of a bank's file that is this payment's money, if one is."""
    line_id: UUID | None = await tx.fetchval(
        "SELECT id FROM bank_line WHERE workspace_id = $1 AND payment_id = $2", workspace_id, payment_id
    )
    return line_id


async def is_undecided(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> bool:
    """Whether a payer's bank has taken back money of this invoice and has not decided yet.

    Also money that the payment held no more, since it had been refunded: it was this invoice's once.
    """
    is_undecided: bool = await tx.fetchval(
        """SELECT EXISTS (SELECT FROM allocation a
            JOIN payment p ON p.workspace_id = a.workspace_id AND p.id = a.payment_id
            CROSS JOIN LATERAL jsonb_array_elements(p.disputes) AS dispute
            WHERE a.workspace_id = $1 AND a.invoice_id = $2 AND p.disputed_minor > 0
                AND dispute ->> 'status' = 'open'
                AND (dispute -> 'parts' @> jsonb_build_array(jsonb_build_object('allocation_id', a.id))
                    OR (dispute ->> 'taken_minor')::bigint > (
                        SELECT coalesce(sum((part ->> 'amount_minor')::bigint), 0)
                        FROM jsonb_array_elements(dispute -> 'parts') AS part)))""",
        workspace_id,
        invoice_id,
    )
    return is_undecided


def _payment(row: Record, allocations: tuple[Allocation, ...], back: tuple[Refund, ...]) -> Payment:
    disputes = tuple(Dispute.from_document(document) for document in row["disputes"])
    return Payment(**{**row, "disputes": disputes}, allocations=allocations, refunds=back)


async def _complete(tx: Connection, rows: Sequence[Record]) -> list[Payment]:
    if not rows:
        return []
    keys = [row["workspace_id"] for row in rows], [row["id"] for row in rows]
    allocation_rows = await tx.fetch(
        f"""SELECT {_ALLOCATION_COLUMNS} FROM allocation
        JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (workspace_id, payment_id)
            USING (workspace_id, payment_id)
        ORDER BY serial""",
        *keys,
    )
    allocations: dict[UUID, list[Allocation]] = {}
    for row in allocation_rows:
        allocations.setdefault(row["payment_id"], []).append(Allocation(**row))
    back = await refunds.of_payments(tx, *keys)
    return [_payment(row, tuple(allocations.get(row["id"], ())), back.get(row["id"], ())) for row in rows]
