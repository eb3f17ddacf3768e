"""Rows of `delivery` and of its timeline, and the addresses that refused (`refused_recipient`)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from services.invoice.documents.domain.print_model import Kind
from services.invoice.sending.domain.delivery import Channel, Delivery, DeliveryChange, DeliveryStatus
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, in_order, where
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection, Values

_NAMES = (
    "id version created_at updated_at contact_id channel level dedupe_key recipient message status "
    "attempt_count unknown_count failure_code failure_message provider_reference sent_at is_recipient_given"
).split()
_OF = {"invoice": "invoice_id", "credit_note": "credit_note_id", "quote": "quote_id"}
_KIND = """CASE WHEN invoice_id IS NOT NULL THEN 'invoice' WHEN quote_id IS NOT NULL THEN 'quote'
    ELSE 'credit_note' END"""
COLUMNS = ", ".join(f"delivery.{name}" for name in ("workspace_id", *_NAMES)) + (
    f", delivery.document_id, delivery.next_attempt_at, delivery.lease_token, {_KIND} AS kind"
)
_INSERT = Statement(f"""
INSERT INTO delivery
    (workspace_id, {", ".join(_NAMES)}, invoice_id, credit_note_id, quote_id, next_attempt_at)
VALUES (:workspace_id, {places(_NAMES)}, :invoice_id, :credit_note_id, :quote_id,
    CASE :status::text WHEN 'queued' THEN clock_timestamp() END)
ON CONFLICT ON CONSTRAINT delivery_once_a_wish DO NOTHING
RETURNING next_attempt_at
""")
_SAVE = Statement("""
UPDATE delivery SET version = :version, updated_at = :updated_at, status = :status,
    attempt_count = :attempt_count, unknown_count = :unknown_count, failure_code = :failure_code,
    failure_message = :failure_message, provider_reference = :provider_reference, sent_at = :sent_at,
    recipient = :recipient, next_attempt_at = clock_timestamp() + :delay::interval, lease_token = NULL
WHERE workspace_id = :workspace_id AND id = :id AND (:fence::uuid IS NULL OR lease_token = :fence)
""")
_BEGIN = Statement("""
UPDATE delivery SET version = :version, updated_at = :updated_at, status = :status,
    attempt_count = :attempt_count, next_attempt_at = clock_timestamp() + :lease::interval
WHERE workspace_id = :workspace_id AND id = :id AND lease_token = :lease_token
""")
_ADD_TO_TIMELINE = """
INSERT INTO delivery_event (workspace_id, delivery_id, sequence, type, detail, actor, occurred_at)
SELECT $1, $2, coalesce(i.version, c.version, q.version), type, $4, $5, $6
FROM delivery d CROSS JOIN unnest($3::text[]) WITH ORDINALITY AS happened (type, place)
LEFT JOIN invoice i ON i.workspace_id = d.workspace_id AND i.id = d.invoice_id
LEFT JOIN credit_note c ON c.workspace_id = d.workspace_id AND c.id = d.credit_note_id
LEFT JOIN quote q ON q.workspace_id = d.workspace_id AND q.id = d.quote_id
WHERE d.workspace_id = $1 AND d.id = $2 ORDER BY place
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries; `kinds` are those of the documents that the caller may see, None for all."""

    id: Annotated[UUID | None, in_order("id = :id")] = None
    kinds: Annotated[Sequence[Kind] | None, where(f"{_KIND} = ANY(:kinds::text[])")] = None
    status: Annotated[Sequence[str] | None, where("status = ANY(:status::text[])")] = None
    channel: Annotated[Channel | None, where("channel = :channel")] = None
    contact_id: Annotated[UUID | None, in_order("contact_id = :contact_id")] = None
    document_id: Annotated[UUID | None, in_order("document_id = :document_id")] = None
    since: Annotated[datetime | None, where("created_at >= :since")] = None
    until: Annotated[datetime | None, where("created_at < :until")] = None


_LIST = Listing(DeliveryFilter, "delivery", COLUMNS)


async def insert(tx: Connection, delivery: Delivery) -> Delivery | None:
    """Store a new delivery, due at once; None where the same request made one already."""
    document = {
        column: delivery.document_id if kind == delivery.kind else None for kind, column in _OF.items()
    }
    row = await _INSERT.fetchrow(tx, delivery, **document)
    return replace(delivery, next_attempt_at=row["next_attempt_at"]) if row else None


async def of_request(tx: Connection, delivery: Delivery) -> Delivery:
    """The delivery that the same request made before."""
    row = await tx.fetchrow(
        f"""SELECT {COLUMNS} FROM delivery
        WHERE workspace_id = $1 AND document_id = $2 AND channel = $3 AND level = $4 AND dedupe_key = $5""",
        delivery.workspace_id,
        delivery.document_id,
        delivery.channel,
        delivery.level,
        delivery.dedupe_key,
    )
    return delivery_from_row(dict(row)) if row else raise_not_found("delivery", delivery.id)


async def of_document(tx: Connection, workspace_id: UUID, document_id: UUID) -> list[Delivery]:
    """All deliveries of an invoice, credit note or quote, oldest first."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM delivery WHERE workspace_id = $1 AND document_id = $2 ORDER BY id",
        workspace_id,
        document_id,
    )
    return [delivery_from_row(dict(row)) for row in rows]


async def find(tx: Connection, workspace_id: UUID, wanted: DeliveryFilter, window: Window) -> Found[Delivery]:
    """Deliveries of the workspace's documents, newest first."""
    return await _LIST.find(tx, workspace_id, wanted, window, lambda row: delivery_from_row(dict(row)))


async def get_any(tx: Connection, workspace_id: UUID, wanted: DeliveryFilter) -> Delivery:
    """The delivery that the filter names by its id, whatever its document; raises NotFound."""
    rows = await _LIST.page(tx, workspace_id, wanted, Window(limit=1))
    return delivery_from_row(dict(rows[0])) if rows else raise_not_found("delivery", wanted.id)


async def get(tx: Connection, workspace_id: UUID, document_id: UUID, delivery_id: UUID) -> Delivery:
    """The delivery of this document; raises NotFound."""
    return await _get(tx, workspace_id, document_id, delivery_id, "")


async def lock(tx: Connection, workspace_id: UUID, document_id: UUID, delivery_id: UUID) -> Delivery:
    """The delivery of this document, locked; raises NotFound."""
    return await _get(tx, workspace_id, document_id, delivery_id, "FOR NO KEY UPDATE")


async def save(tx: Connection, change: DeliveryChange, *, fence: UUID | None = None) -> bool:
    """Store a delivery after a change and let go of it; False where another holder has taken the lease.

    Without a fence the caller holds the row's lock.
    """
    done = await _SAVE.execute(tx, change.delivery, delay=change.delay, fence=fence)
    return done == "UPDATE 1"


async def begin(tx: Connection, delivery: Delivery, lease: timedelta) -> bool:
    """Store that an attempt begins, and hold it for so long; False where the lease went to another."""
    return await _BEGIN.execute(tx, delivery, lease=lease) == "UPDATE 1"


async def add_to_timeline(tx: Connection, change: DeliveryChange, actor: str) -> None:
    """Append what happened to the timeline, at the document's version."""
    delivery = change.delivery
    detail, at = (change.detail or "")[:500] or None, delivery.updated_at
    await tx.execute(
        _ADD_TO_TIMELINE, delivery.workspace_id, delivery.id, list(change.happened), detail, actor, at
    )


async def has_refused(tx: Connection, workspace_id: UUID, channel: str, recipient: str) -> bool:
    """Whether the address refused what was sent there before."""
    is_refused = await tx.fetchval(
        "SELECT true FROM refused_recipient WHERE workspace_id = $1 AND channel = $2 AND recipient = $3",
        workspace_id,
        channel,
        recipient.lower(),
    )
    return bool(is_refused)


async def add_refused(tx: Connection, delivery: Delivery) -> None:
    """Remember that the delivery's address refused it."""
    await tx.execute(
        """INSERT INTO refused_recipient (workspace_id, channel, recipient, reason, refused_at)
        VALUES ($1, $2, lower($3), $4, $5) ON CONFLICT DO NOTHING""",
        delivery.workspace_id,
        delivery.channel,
        delivery.recipient,
        delivery.failure_message or delivery.failure_code or "refused",
        delivery.updated_at,
    )


async def remove_refused(tx: Connection, delivery: Delivery) -> None:
    """The delivery's address is to be tried again, or took something."""
    await tx.execute(
        "DELETE FROM refused_recipient WHERE workspace_id = $1 AND channel = $2 AND recipient = lower($3)",
        delivery.workspace_id,
        delivery.channel,
        delivery.recipient,
    )


def delivery_from_row(row: Values) -> Delivery:
    """A row's delivery."""
    return Delivery(**{**row, "status": DeliveryStatus(row["status"])})


async def _get(
    tx: Connection, workspace_id: UUID, document_id: UUID, delivery_id: UUID, locking: str
) -> Delivery:
    row = await tx.fetchrow(
        f"""SELECT {COLUMNS} FROM delivery
        WHERE workspace_id = $1 AND document_id = $2 AND id = $3 {locking}""",
        workspace_id,
        document_id,
        delivery_id,
    )
    return delivery_from_row(dict(row)) if row else raise_not_found("delivery", delivery_id)
