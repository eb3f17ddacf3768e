"""SQL of deliveries, of what happened to them, and of addresses that refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.invoice.sending.domain.delivery import Delivery, DeliveryChange, DeliveryStatus
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_NAMES = (
    "id version created_at updated_at contact_id channel level dedupe_key recipient message status "
    "attempt_count unknown_count failure_code failure_message provider_reference sent_at is_recipient_given"
).split()
_OF = {"invoice": "invoice_id", "credit_note": "credit_note_id", "quote": "quote_id"}
_KIND = """CASE WHEN invoice_id IS NOT NULL THEN 'invoice' WHEN quote_id IS NOT NULL THEN 'quote'
    ELSE 'credit_note' END AS kind"""
COLUMNS = ", ".join(f"delivery.{name}" for name in ("workspace_id", *_NAMES)) + (
    f", delivery.document_id, delivery.next_attempt_at, delivery.lease_token, {_KIND}"
)
_INSERT = f"""
INSERT INTO delivery
    (workspace_id, {", ".join(_NAMES)}, invoice_id, credit_note_id, quote_id, next_attempt_at)
VALUES ($1, {", ".join(f"${number}" for number in range(2, len(_NAMES) + 2))}, $20, $21, $22,
    CASE $12::text WHEN 'queued' THEN clock_timestamp() END)
ON CONFLICT ON CONSTRAINT delivery_once_a_wish DO NOTHING
RETURNING next_attempt_at
"""
_ADD_TO_TIMELINE = """
INSERT INTO delivery_event (workspace_id, delivery_id, sequence, type, detail, actor, occurred_at)
SELECT $1, $2, coalesce(i.version, c.version, q.version), type, $4, $5, $6
FROM delivery d CROSS JOIN unnest($3::text[]) WITH ORDINALITY AS happened (type, place)
LEFT JOIN invoice i ON i.workspace_id = d.workspace_id AND i.id = d.invoice_id
LEFT JOIN credit_note c ON c.workspace_id = d.workspace_id AND c.id = d.credit_note_id
LEFT JOIN quote q ON q.workspace_id = d.workspace_id AND q.id = d.quote_id
WHERE d.workspace_id = $1 AND d.id = $2 ORDER BY place
"""


async def insert(tx: Connection, delivery: Delivery) -> Delivery | None:
    """Store a new delivery, due at once; None where the same request made one already."""
    document = [delivery.document_id if kind == delivery.kind else None for kind in _OF]
    row = await tx.fetchrow(
        _INSERT, delivery.workspace_id, *(getattr(delivery, name) for name in _NAMES), *document
    )
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
    return delivery_from_row(row) if row else raise_not_found("delivery", delivery.id)


async def of_document(tx: Connection, workspace_id: UUID, document_id: UUID) -> list[Delivery]:
    """All deliveries of an invoice, credit note or quote, oldest first."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM delivery WHERE workspace_id = $1 AND document_id = $2 ORDER BY id",
        workspace_id,
        document_id,
    )
    return [delivery_from_row(row) for row in rows]


async def find(
    tx: Connection, workspace_id: UUID, document_id: UUID, filters: dict[str, Any]
) -> list[Delivery]:
    """Deliveries of a document, newest first: `channel`, `status`, and a slice."""
    rows = await tx.fetch(
        f"""SELECT {COLUMNS} FROM delivery WHERE workspace_id = $1 AND document_id = $2
        AND ($3::text IS NULL OR channel = $3) AND ($4::text IS NULL OR status = $4)
        AND ($5::uuid IS NULL OR id < $5) ORDER BY id DESC LIMIT $6 OFFSET $7""",
        workspace_id,
        document_id,
        *(filters[name] for name in ("channel", "status", "after", "limit", "offset")),
    )
    return [delivery_from_row(row) for row in rows]


async def count(tx: Connection, workspace_id: UUID, document_id: UUID, filters: dict[str, Any]) -> int:
    """How many deliveries the filters find."""
    found: int = await tx.fetchval(
        """SELECT count(*) FROM delivery WHERE workspace_id = $1 AND document_id = $2
        AND ($3::text IS NULL OR channel = $3) AND ($4::text IS NULL OR status = $4)""",
        workspace_id,
        document_id,
        filters["channel"],
        filters["status"],
    )
    return found


async def get(tx: Connection, workspace_id: UUID, document_id: UUID, delivery_id: UUID) -> Delivery:
    """The delivery of this document; raises NotFound."""
    return await _one(tx, workspace_id, document_id, delivery_id, "")


async def lock(tx: Connection, workspace_id: UUID, document_id: UUID, delivery_id: UUID) -> Delivery:
    """The delivery of this document, locked; raises NotFound."""
    return await _one(tx, workspace_id, document_id, delivery_id, "FOR NO KEY UPDATE")


async def save(tx: Connection, step: DeliveryChange, *, fence: UUID | None = None) -> bool:
    """Store a delivery after a step and let go of it; False where another holder has taken the lease.

    Without a fence the caller holds the row's lock.
    """
    delivery = step.delivery
    done = await tx.execute(
        """UPDATE delivery SET version = $3, updated_at = $4, status = $5, attempt_count = $6,
            unknown_count = $7, failure_code = $8, failure_message = $9, provider_reference = $10,
            sent_at = $11, next_attempt_at = clock_timestamp() + $12::interval, lease_token = NULL,
            recipient = $14
        WHERE workspace_id = $1 AND id = $2 AND ($13::uuid IS NULL OR lease_token = $13)""",
        delivery.workspace_id,
        delivery.id,
        delivery.version,
        delivery.updated_at,
        delivery.status,
        delivery.attempt_count,
        delivery.unknown_count,
        delivery.failure_code,
        delivery.failure_message,
        delivery.provider_reference,
        delivery.sent_at,
        step.delay,
        fence,
        delivery.recipient,
    )
    return bool(done == "UPDATE 1")


async def begin(tx: Connection, delivery: Delivery, lease: timedelta) -> bool:
    """Store that an attempt begins, and hold it for so long; False where the lease went to another."""
    done = await tx.execute(
        """UPDATE delivery SET version = $3, updated_at = $4, status = $5, attempt_count = $6,
            next_attempt_at = clock_timestamp() + $7::interval
        WHERE workspace_id = $1 AND id = $2 AND lease_token = $8""",
        delivery.workspace_id,
        delivery.id,
        delivery.version,
        delivery.updated_at,
        delivery.status,
        delivery.attempt_count,
        lease,
        delivery.lease_token,
    )
    return bool(done == "UPDATE 1")


async def add_to_timeline(tx: Connection, step: DeliveryChange, actor: str) -> None:
    """Append what happened to the timeline, at the document's version."""
    delivery = step.delivery
    detail, at = (step.detail or "")[:500] or None, delivery.updated_at
    await tx.execute(
        _ADD_TO_TIMELINE, delivery.workspace_id, delivery.id, list(step.happened), detail, actor, at
    )


async def has_refused(tx: Connection, workspace_id: UUID, channel: str, recipient: str) -> bool:
    """Whether the address refused what was sent there before."""
    found = await tx.fetchval(
        "SELECT true FROM refused_recipient WHERE workspace_id = $1 AND channel = $2 AND recipient = $3",
        workspace_id,
        channel,
        recipient.lower(),
    )
    return bool(found)


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


def delivery_from_row(row: Any) -> Delivery:
    """A row's delivery."""
    return Delivery(**{**row, "status": DeliveryStatus(row["status"])})


async def _one(
    tx: Connection, workspace_id: UUID, document_id: UUID, delivery_id: UUID, locking: str
) -> Delivery:
    row = await tx.fetchrow(
        f"""SELECT {COLUMNS} FROM delivery
        WHERE workspace_id = $1 AND document_id = $2 AND id = $3 {locking}""",
        workspace_id,
        document_id,
        delivery_id,
    )
    return delivery_from_row(row) if row else raise_not_found("delivery", delivery_id)
