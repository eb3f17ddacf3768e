"""SQL of registering a payment: the path that must be fast, so everything is written in one round trip."""

from collections.abc import Sequence

from services.payment.ledger.domain import Transfer
from services.payment.ledger.repository import ledger
from services.payment.payments.domain.payment import Allocation, Payment
from services.payment.payments.domain.registration import DuplicateExternalReference
from services.payment.receivables.domain.receivable import Receivable
from shared.postgres.pool import Connection

_MADE = """made AS (
    INSERT INTO payment (workspace_id, id, version, created_at, updated_at, contact_id, state, amount_minor,
        unallocated_minor, currency, method, external_reference, paid_on, note)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT (workspace_id, external_reference, method) WHERE external_reference IS NOT NULL DO NOTHING
    RETURNING id
)"""
_ALLOCATION = """INSERT INTO allocation (workspace_id, payment_id, id, serial, invoice_id, amount_minor,
        live_minor, receivable_due_minor, receivable_paid_minor, receivable_version,
        receivable_written_off_minor, receivable_write_off_version)"""
_OUTBOX = """INSERT INTO outbox (id, aggregatetype, aggregateid, aggregate_seq, type, record_key, payload,
        headers, shard)"""
# Nearly every payment settles one invoice, making one entry and one event: without arrays that costs half as
# much. The account of what the contact's invoices ask for was opened with the receivable.
_REGISTER_ONE = f"""
WITH {_MADE}, paid AS (
    UPDATE receivable SET paid_minor = $16, status = $17, version = $18 FROM made
    WHERE receivable.workspace_id = $1 AND receivable.invoice_id = $15
), allocated AS (
    {_ALLOCATION}
    SELECT $1, made.id, $19, $20, $15, $21, $21, $22, $16, $18, r.written_off_minor, r.write_off_version
    FROM made JOIN receivable r ON r.workspace_id = $1 AND r.invoice_id = $15
), recorded AS (
    {_OUTBOX}
    SELECT $23, $24, $25, $26::bigint, $27, $28, $29, $30::jsonb, $31::smallint FROM made
), opened AS (
    {ledger.ACCOUNTS}
    SELECT $1, $32::uuid, 'cash', $10, NULL, $11 FROM made ON CONFLICT DO NOTHING
), booked AS (
    {ledger.ENTRIES}
    SELECT $1, $33::uuid, $10, $32::uuid, $34::uuid, $21, 'payment', made.id, $13, $4 FROM made
)
SELECT EXISTS (SELECT FROM made)
"""
_REGISTER_MANY = f"""
WITH {_MADE}, paid AS (
    UPDATE receivable SET paid_minor = new.paid_minor, status = new.status, version = new.version,
        written_off_minor = new.written_off_minor
    FROM made, unnest($15::uuid[], $16::bigint[], $17::text[], $18::bigint[], $32::bigint[])
        AS new (invoice_id, paid_minor, status, version, written_off_minor)
    WHERE receivable.workspace_id = $1 AND receivable.invoice_id = new.invoice_id
), allocated AS (
    {_ALLOCATION}
    SELECT $1, made.id, new.*, r.write_off_version FROM made, unnest($19::uuid[], $20::bigint[], $15::uuid[],
        $21::bigint[], $21::bigint[], $22::bigint[], $16::bigint[], $18::bigint[], $32::bigint[])
        AS new (id, serial, invoice_id, amount, live, due, paid, version, written_off)
    JOIN receivable r ON r.workspace_id = $1 AND r.invoice_id = new.invoice_id
), recorded AS (
    {_OUTBOX}
    SELECT new.* FROM made, unnest($23::uuid[], $24::text[], $25::uuid[], $26::bigint[], $27::text[],
        $28::uuid[], $29::bytea[], $30::jsonb[], $31::smallint[]) AS new
), opened AS (
    {ledger.ACCOUNTS}
    SELECT new.* FROM made, unnest($33::uuid[], $34::uuid[], $35::text[], $36::text[], $37::uuid[],
        $38::text[]) AS new
    ON CONFLICT DO NOTHING
), booked AS (
    {ledger.ENTRIES}
    SELECT new.* FROM made, unnest($39::uuid[], $40::uuid[], $41::text[], $42::uuid[], $43::uuid[],
        $44::bigint[], $45::text[], $46::uuid[], $47::date[], $48::timestamptz[]) AS new
)
SELECT EXISTS (SELECT FROM made)
"""


async def insert(
    tx: Connection,
    payment: Payment,
    paid: Sequence[Receivable],
    transfers: Sequence[Transfer],
    events: Sequence[Sequence[object]],
) -> None:
    """Store a new payment, its allocations, the receivables that it changed, entries and outbox columns.

    Raises DuplicateExternalReference, naming the payment that came first; then nothing is stored.
    """
    rows = [
        _allocation_values(after, allocation)
        for after, allocation in zip(paid, payment.allocations, strict=True)
    ]
    if len(rows) == len(events[0]) == len(transfers) == 1:
        entry = transfers[0]
        booked = entry.debit.id, entry.id, entry.credit.id
        arguments = *rows[0], *(column[0] for column in events), *booked
        is_new = await tx.fetchval(_REGISTER_ONE, *payment_values(payment), *arguments)
    else:
        columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 8
        written_off = [after.written_off_minor for after in paid]
        booked_columns = *ledger.account_columns(transfers), *ledger.entry_columns(transfers)
        is_new = await tx.fetchval(
            _REGISTER_MANY, *payment_values(payment), *columns, *events, written_off, *booked_columns
        )
    if not is_new:
        await _raise_duplicate(tx, payment)


async def _raise_duplicate(tx: Connection, payment: Payment) -> None:
    first = await tx.fetchval(
        "SELECT id FROM payment WHERE workspace_id = $1 AND external_reference = $2 AND method = $3",
        payment.workspace_id,
        payment.external_reference,
        payment.method,
    )
    raise DuplicateExternalReference(field="external_reference", payment_id=first)


def _allocation_values(after: Receivable, allocation: Allocation) -> tuple[object, ...]:
    return (
        after.invoice_id,
        after.paid_minor,
        after.status,
        after.version,
        allocation.id,
        allocation.serial,
        allocation.amount_minor,
        allocation.receivable_due_minor,
    )


def payment_values(p: Payment) -> tuple[object, ...]:
    """The columns of a payment of money that came in."""
    return (
        p.workspace_id,
        p.id,
        p.version,
        p.created_at,
        p.updated_at,
        p.contact_id,
        p.state,
        p.amount_minor,
        p.unallocated_minor,
        p.currency,
        p.method,
        p.external_reference,
        p.paid_on,
        p.note,
    )
