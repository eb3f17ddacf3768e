"""SQL of payments while they are collected; what settles invoices is in payments.py and new_payments.py."""

from uuid import UUID

from services.payment.payments.domain.payment import Payment
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = (
    "workspace_id id version created_at updated_at contact_id state amount_minor unallocated_minor currency "
    "method paid_on invoice_id subscription_id is_automatic provider payment_method_id failure_code "
    "failure_advice failure_message"
).split()
_INSERT = Statement(f"INSERT INTO payment ({', '.join(_NAMES)}) VALUES ({places(_NAMES)})")
_UPDATE = Statement("""
UPDATE payment SET state = :state, version = :version, updated_at = :updated_at,
    provider_reference = :provider_reference, failure_code = :failure_code,
    failure_advice = :failure_advice, failure_message = :failure_message
WHERE workspace_id = :workspace_id AND id = :id
""")


async def insert(tx: Connection, payment: Payment) -> None:
    """Store a payment that holds no money yet."""
    await _INSERT.execute(tx, payment)


async def save(tx: Connection, payment: Payment) -> None:
    """Store where the collection of a locked payment stands."""
    await _UPDATE.execute(tx, payment)


async def note_success(tx: Connection, workspace_id: UUID, payment_id: UUID, reference: str | None) -> None:
    """Keep the provider's reference and forget an earlier failure, before the money is settled."""
    await tx.execute(
        """UPDATE payment SET provider_reference = $3, failure_code = NULL, failure_advice = NULL,
            failure_message = NULL WHERE workspace_id = $1 AND id = $2""",
        workspace_id,
        payment_id,
        reference,
    )
