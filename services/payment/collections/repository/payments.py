"""SQL of payments while they are collected; what settles invoices is in payments.py and new_payments.py."""

from uuid import UUID

from services.payment.payments.domain.payment import Payment
from shared.postgres.pool import Connection


async def insert(tx: Connection, p: Payment) -> None:
    """Store a payment that holds no money yet."""
    await tx.execute(
        """INSERT INTO payment (workspace_id, id, version, created_at, updated_at, contact_id, state,
            amount_minor, unallocated_minor, currency, method, paid_on, invoice_id, subscription_id,
            is_automatic, provider, payment_method_id, failure_code, failure_advice, failure_message)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)""",
        p.workspace_id,
        p.id,
        p.version,
        p.created_at,
        p.updated_at,
        p.contact_id,
        p.state,
        p.amount_minor,
        p.currency,
        p.method,
        p.paid_on,
        p.invoice_id,
        p.subscription_id,
        p.is_automatic,
        p.provider,
        p.payment_method_id,
        p.failure_code,
        p.failure_advice,
        p.failure_message,
    )


async def save(tx: Connection, p: Payment) -> None:
    """Store where the collection of a locked payment stands."""
    await tx.execute(
        """UPDATE payment SET state = $3, version = $4, updated_at = $5, provider_reference = $6,
            failure_code = $7, failure_advice = $8, failure_message = $9
        WHERE workspace_id = $1 AND id = $2""",
        p.workspace_id,
        p.id,
        p.state,
        p.version,
        p.updated_at,
        p.provider_reference,
        p.failure_code,
        p.failure_advice,
        p.failure_message,
    )


async def note_success(tx: Connection, workspace_id: UUID, payment_id: UUID, reference: str | None) -> None:
    """Keep the provider's reference and forget an earlier failure, before the money is settled."""
    await tx.execute(
        """UPDATE payment SET provider_reference = $3, failure_code = NULL, failure_advice = NULL,
            failure_message = NULL WHERE workspace_id = $1 AND id = $2""",
        workspace_id,
        payment_id,
        reference,
    )
