"""SQL of the copies of payment methods."""

from dataclasses import astuple
from datetime import datetime
from uuid import UUID

from services.subscription_renewal.copies.domain.payment_method import PaymentMethodCopy
from shared.postgres.pool import Connection

# A notice that a card expires soon is an update, too, and makes nothing possible that was not before.
_STORE = """
INSERT INTO payment_method_copy AS known (workspace_id, payment_method_id, sequence, contact_id, is_usable,
    is_default, expires, usable_since)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (workspace_id, payment_method_id) DO UPDATE SET sequence = excluded.sequence,
    contact_id = excluded.contact_id, is_usable = excluded.is_usable, is_default = excluded.is_default,
    expires = excluded.expires, usable_since = CASE
        WHEN excluded.is_usable > known.is_usable OR excluded.is_default > known.is_default
          OR excluded.expires IS DISTINCT FROM known.expires OR excluded.contact_id <> known.contact_id
        THEN excluded.usable_since ELSE known.usable_since END
WHERE known.sequence < excluded.sequence
"""


async def lock_contact(tx: Connection, workspace_id: UUID, contact_id: UUID) -> None:
    """Keep others from deciding about this contact's methods; there may be no row to lock yet."""
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('payment methods of ' || $1::text || $2::text, 0))",
        str(workspace_id),
        str(contact_id),
    )


async def store(tx: Connection, copy: PaymentMethodCopy) -> None:
    """Keep the newest copy."""
    await tx.execute(_STORE, *astuple(copy))


async def usable_since(tx: Connection, workspace_id: UUID, contact_id: UUID) -> datetime | None:
    """When the contact last got a usable method, or one that it had became another; None: it has none."""
    found: datetime | None = await tx.fetchval(
        """SELECT max(usable_since) FROM payment_method_copy
        WHERE workspace_id = $1 AND contact_id = $2 AND is_usable""",
        workspace_id,
        contact_id,
    )
    return found
