"""SQL of registering a payment: the path that must be fast, so everything is written in one round trip."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.payment.ledger.domain import Transfer
from services.payment.ledger.repository import ledger
from services.payment.payments.domain.payment import Allocation, Payment
from services.payment.payments.domain.registration import DuplicateExternalReference
from services.payment.receivables.domain.receivable import Receivable
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

NAMES = (
    "workspace_id id version created_at updated_at contact_id state amount_minor unallocated_minor currency "
    "method external_reference paid_on note"
).split()
"""The columns of a payment of money that came in."""
_EVENT_NAMES = (
    "event_id aggregate_type aggregate_id aggregate_sequence event_type record_key payload headers shard"
).split()
_NEW_PAYMENT = f"""registered AS (
    INSERT INTO payment ({", ".join(NAMES)})
    VALUES ({places(NAMES)})
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
_REGISTER_ONE = Statement(f"""
WITH {_NEW_PAYMENT}, paid AS (
    UPDATE receivable SET paid_minor = :paid_minor, status = :receivable_status, version = :receivable_version
    FROM registered
    WHERE receivable.workspace_id = :workspace_id AND receivable.invoice_id = :invoice_id
), allocated AS (
    {_ALLOCATION}
    SELECT :workspace_id, registered.id, :allocation_id, :serial, :invoice_id, :allocated_minor,
        :allocated_minor, :due_minor, :paid_minor, :receivable_version, :written_off_minor,
        r.write_off_version
    FROM registered JOIN receivable r ON r.workspace_id = :workspace_id AND r.invoice_id = :invoice_id
), recorded AS (
    {_OUTBOX}
    SELECT :event_id, :aggregate_type, :aggregate_id, :aggregate_sequence::bigint, :event_type, :record_key,
        :payload, :headers::jsonb, :shard::smallint
    FROM registered
), opened AS (
    {ledger.ACCOUNTS}
    SELECT :workspace_id, :cash_account_id::uuid, 'cash', :currency, NULL, :method FROM registered
    ON CONFLICT DO NOTHING
), booked AS (
    {ledger.ENTRIES}
    SELECT :workspace_id, :entry_id::uuid, :currency, :cash_account_id::uuid, :credit_account_id::uuid,
        :allocated_minor, 'payment', registered.id, :paid_on, :created_at
    FROM registered
)
SELECT EXISTS (SELECT FROM registered)
""")
_REGISTER_MANY = Statement(f"""
WITH {_NEW_PAYMENT}, paid AS (
    UPDATE receivable SET paid_minor = new.paid_minor, status = new.status, version = new.version,
        written_off_minor = new.written_off_minor
    FROM registered, unnest(:invoice_id::uuid[], :paid_minor::bigint[], :receivable_status::text[],
        :receivable_version::bigint[], :written_off_minor::bigint[])
        AS new (invoice_id, paid_minor, status, version, written_off_minor)
    WHERE receivable.workspace_id = :workspace_id AND receivable.invoice_id = new.invoice_id
), allocated AS (
    {_ALLOCATION}
    SELECT :workspace_id, registered.id, new.*, r.write_off_version
    FROM registered, unnest(:allocation_id::uuid[], :serial::bigint[], :invoice_id::uuid[],
        :allocated_minor::bigint[], :allocated_minor::bigint[], :due_minor::bigint[], :paid_minor::bigint[],
        :receivable_version::bigint[], :written_off_minor::bigint[])
        AS new (id, serial, invoice_id, amount, live, due, paid, version, written_off)
    JOIN receivable r ON r.workspace_id = :workspace_id AND r.invoice_id = new.invoice_id
), recorded AS (
    {_OUTBOX}
    SELECT new.* FROM registered, unnest(:event_id::uuid[], :aggregate_type::text[], :aggregate_id::uuid[],
        :aggregate_sequence::bigint[], :event_type::text[], :record_key::uuid[], :payload::bytea[],
        :headers::jsonb[], :shard::smallint[]) AS new
), opened AS (
    {ledger.ACCOUNTS}
    SELECT new.* FROM registered, {ledger.ACCOUNT_ROWS} AS new
    ON CONFLICT DO NOTHING
), booked AS (
    {ledger.ENTRIES}
    SELECT new.* FROM registered, {ledger.ENTRY_ROWS} AS new
)
SELECT EXISTS (SELECT FROM registered)
""")
# Many payments: all of them or, where a reference of one came in meanwhile, nothing.
_REGISTER_ALL = Statement(f"""
WITH registered AS (
    INSERT INTO payment ({", ".join(NAMES)})
    SELECT * FROM unnest(:workspace_id::uuid[], :id::uuid[], :version::bigint[], :created_at::timestamptz[],
        :updated_at::timestamptz[], :contact_id::uuid[], :state::text[], :amount_minor::bigint[],
        :unallocated_minor::bigint[], :currency::text[], :method::text[], :external_reference::text[],
        :paid_on::date[], :note::text[])
    ON CONFLICT (workspace_id, external_reference, method) WHERE external_reference IS NOT NULL DO NOTHING
    RETURNING id
), complete AS (
    SELECT FROM (SELECT count(*) AS found FROM registered) AS counted WHERE found = :payment_count
), paid AS (
    UPDATE receivable SET paid_minor = new.paid_minor, status = new.status, version = new.version,
        written_off_minor = new.written_off_minor
    FROM complete, unnest(:paid_invoice_id::uuid[], :paid_minor::bigint[], :receivable_status::text[],
        :receivable_version::bigint[], :written_off_minor::bigint[])
        AS new (invoice_id, paid_minor, status, version, written_off_minor)
    WHERE receivable.workspace_id = :of_workspace AND receivable.invoice_id = new.invoice_id
), allocated AS (
    {_ALLOCATION}
    SELECT :of_workspace, new.* FROM complete, unnest(:allocated_payment_id::uuid[], :allocation_id::uuid[],
        :serial::bigint[], :invoice_id::uuid[], :allocated_minor::bigint[], :allocated_minor::bigint[],
        :due_minor::bigint[], :shown_paid_minor::bigint[], :shown_version::bigint[],
        :shown_written_off_minor::bigint[], :write_off_version::bigint[]) AS new
), recorded AS (
    {_OUTBOX}
    SELECT new.* FROM complete, unnest(:event_id::uuid[], :aggregate_type::text[], :aggregate_id::uuid[],
        :aggregate_sequence::bigint[], :event_type::text[], :record_key::uuid[], :payload::bytea[],
        :headers::jsonb[], :shard::smallint[]) AS new
), opened AS (
    {ledger.ACCOUNTS}
    SELECT new.* FROM complete, {ledger.ACCOUNT_ROWS} AS new
    ON CONFLICT DO NOTHING
), booked AS (
    {ledger.ENTRIES}
    SELECT new.* FROM complete, {ledger.ENTRY_ROWS} AS new
)
SELECT EXISTS (SELECT FROM complete)
""")
_EARLIER = """
SELECT external_reference, method, id FROM payment
JOIN unnest($2::text[], $3::text[]) AS wanted (external_reference, method) USING (external_reference, method)
WHERE workspace_id = $1
"""
_FIRST = Statement("""
SELECT id FROM payment
WHERE workspace_id = :workspace_id AND external_reference = :external_reference AND method = :method
""")


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
    rows = [_to_row(after, allocation) for after, allocation in zip(paid, payment.allocations, strict=True)]
    if len(rows) == len(events[0]) == len(transfers) == 1:
        [entry] = transfers
        is_new = await _REGISTER_ONE.fetchval(
            tx,
            payment,
            **rows[0],
            **{name: column[0] for name, column in zip(_EVENT_NAMES, events, strict=True)},
            cash_account_id=entry.debit.id,
            entry_id=entry.id,
            credit_account_id=entry.credit.id,
        )
    else:
        is_new = await _REGISTER_MANY.fetchval(
            tx,
            payment,
            **{name: [row[name] for row in rows] for name in _ROW_NAMES},
            **dict(zip(_EVENT_NAMES, events, strict=True)),
            **ledger.to_columns(transfers),
        )
    if not is_new:
        first = await _FIRST.fetchval(tx, payment)
        raise DuplicateExternalReference(field="external_reference", payment_id=first)


async def insert_all(
    tx: Connection,
    payments: Sequence[Payment],
    paid: Sequence[Receivable],
    transfers: Sequence[Transfer],
    events: Sequence[Sequence[object]],
) -> None:
    """Store new payments of one workspace with their allocations, the receivables as they are after all of
    them, in the order of their ids, entries and outbox columns.

    Raises DuplicateExternalReference where the reference of one came in meanwhile; then nothing is stored.
    """
    parts = [allocation for payment in payments for allocation in payment.allocations]
    are_new = await _REGISTER_ALL.fetchval(
        tx,
        **{name: [getattr(payment, name) for payment in payments] for name in NAMES},
        payment_count=len(payments),
        of_workspace=payments[0].workspace_id,
        paid_invoice_id=[after.invoice_id for after in paid],
        paid_minor=[after.paid_minor for after in paid],
        receivable_status=[after.status for after in paid],
        receivable_version=[after.version for after in paid],
        written_off_minor=[after.written_off_minor for after in paid],
        **{name: [getattr(part, field) for part in parts] for name, field in _ALLOCATED.items()},
        **dict(zip(_EVENT_NAMES, events, strict=True)),
        **ledger.to_columns(transfers),
    )
    if not are_new:
        raise DuplicateExternalReference(field="external_reference")


async def earlier(
    tx: Connection, workspace_id: UUID, references: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], UUID]:
    """The payments that have these (external reference, method) already."""
    pairs = list(references)
    texts, methods = [text for text, _ in pairs], [method for _, method in pairs]
    rows = await tx.fetch(_EARLIER, workspace_id, texts, methods)
    return {(row["external_reference"], row["method"]): row["id"] for row in rows}


_ALLOCATED = {
    "allocated_payment_id": "payment_id",
    "allocation_id": "id",
    "serial": "serial",
    "invoice_id": "invoice_id",
    "allocated_minor": "amount_minor",
    "due_minor": "receivable_due_minor",
    "shown_paid_minor": "receivable_paid_minor",
    "shown_version": "receivable_version",
    "shown_written_off_minor": "receivable_written_off_minor",
    "write_off_version": "receivable_write_off_version",
}
"""What the statement reads of allocations, by its own names."""
_ROW_NAMES = (
    "invoice_id paid_minor receivable_status receivable_version written_off_minor allocation_id serial "
    "allocated_minor due_minor"
).split()


def _to_row(after: Receivable, allocation: Allocation) -> dict[str, object]:
    """What the statements read of an allocation and of its receivable as it is then, by _ROW_NAMES."""
    return {
        "invoice_id": after.invoice_id,
        "paid_minor": after.paid_minor,
        "receivable_status": after.status,
        "receivable_version": after.version,
        "written_off_minor": after.written_off_minor,
        "allocation_id": allocation.id,
        "serial": allocation.serial,
        "allocated_minor": allocation.amount_minor,
        "due_minor": allocation.receivable_due_minor,
    }
