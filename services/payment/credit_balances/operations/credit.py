"""Money without an invoice goes into the contact's credit balance."""

from collections.abc import Iterable
from dataclasses import replace

from services.payment.credit_balances.domain import credit_balance as balance_rules
from services.payment.credit_balances.domain.credit_balance import Credit
from services.payment.credit_balances.repository import credit_balances
from services.payment.payments.domain.payment import Payment
from shared.events.payment import CreditBalanceUpdated
from shared.postgres.pool import Connection


async def add_credits(tx: Connection, credits: Iterable[Credit]) -> list[CreditBalanceUpdated]:
    """Raise the balances, each once; returns the events to record.

    Balances are the last rows that a transaction locks: receivables and old payments come before them.
    """
    balances = await credit_balances.add(tx, _one_per_balance(credits))
    return [
        CreditBalanceUpdated.of(balance.workspace_id, balance_rules.snapshot(balance)) for balance in balances
    ]


def surplus(payment: Payment) -> Credit:
    """What no invoice took of a new payment."""
    return Credit(
        workspace_id=payment.workspace_id,
        contact_id=payment.contact_id,
        currency=payment.currency,
        amount_minor=payment.unallocated_minor,
        at=payment.created_at,
    )


def _one_per_balance(credits: Iterable[Credit]) -> list[Credit]:
    merged: dict[object, Credit] = {}
    for credit in credits:
        key = (credit.workspace_id, credit.contact_id, credit.currency)
        known = merged.get(key)
        merged[key] = (
            replace(credit, amount_minor=credit.amount_minor + known.amount_minor) if known else credit
        )
    return list(merged.values())
