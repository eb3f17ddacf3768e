"""SQL of credit of subscriptions that have stopped: each subscription's is taken once."""

from services.payment.credit_balances.domain.released_credit import ReleasedCredit
from services.payment.payments.domain.payment import Payment
from shared.postgres.pool import Connection


async def insert(tx: Connection, credit: ReleasedCredit) -> bool:
    """Store it, unless that of its subscription was stored before; whether it is new."""
    stored = await tx.fetchval(
        """INSERT INTO released_credit (workspace_id, subscription_id, payment_id, contact_id, currency,
            amount_minor, tax_minor, released_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING true""",
        credit.workspace_id,
        credit.subscription_id,
        credit.payment_id,
        credit.contact_id,
        credit.currency,
        credit.amount_minor,
        credit.tax_minor,
        credit.released_at,
    )
    return bool(stored)


async def insert_payment(tx: Connection, p: Payment) -> None:
    """Store the payment that holds it."""
    await tx.execute(
        """INSERT INTO payment (workspace_id, id, version, created_at, updated_at, contact_id, state,
            amount_minor, unallocated_minor, currency, method, paid_on, note, subscription_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)""",
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
        p.paid_on,
        p.note,
        p.subscription_id,
    )
