"""SQL of credit of subscriptions that have stopped: each subscription's is taken once."""

from services.payment.payments.domain.payment import Payment
from services.payment.released_credits.domain import ReleasedCredit
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = (
    "workspace_id subscription_id payment_id contact_id currency amount_minor tax_minor released_at"
).split()
_PAYMENT_NAMES = (
    "workspace_id id version created_at updated_at contact_id state amount_minor unallocated_minor currency "
    "method paid_on note subscription_id"
).split()
_INSERT = Statement(f"""
INSERT INTO released_credit ({", ".join(_NAMES)}) VALUES ({places(_NAMES)})
ON CONFLICT DO NOTHING RETURNING true
""")
_INSERT_PAYMENT = Statement(
    f"INSERT INTO payment ({', '.join(_PAYMENT_NAMES)}) VALUES ({places(_PAYMENT_NAMES)})"
)


async def insert(tx: Connection, credit: ReleasedCredit) -> bool:
    """Store it, unless that of its subscription was stored before; whether it is new."""
    return bool(await _INSERT.fetchval(tx, credit))


async def insert_payment(tx: Connection, payment: Payment) -> None:
    """Store the payment that holds it."""
    await _INSERT_PAYMENT.execute(tx, payment)
