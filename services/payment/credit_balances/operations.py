"""Money without an invoice goes into the contact's credit balance: credit_balance.updated."""

from collections.abc import Iterable
from dataclasses import replace

from services.payment.credit_balances import domain as balance_rules
from services.payment.credit_balances import repository as credit_balances
from services.payment.credit_balances.domain import Credit
from shared.events.event import Event
from shared.events.payment import CreditBalanceUpdated
from shared.messaging.work import Unit


async def add_credits(unit: Unit, credits: Iterable[Credit], cause: Event | None = None) -> None:
    """Raise the balances, each once, and record it.

    Balances are the last rows that a transaction locks: receivables and old payments come before them.
    """
    for event in await raise_balances(unit, credits):
        unit.record(event.caused_by(cause) if cause else event)


async def raise_balances(unit: Unit, credits: Iterable[Credit]) -> list[CreditBalanceUpdated]:
    """Raise the balances, each once; the events of it, which the caller records."""
    return [
        CreditBalanceUpdated.of(balance.workspace_id, balance_rules.snapshot(balance))
        for balance in await credit_balances.add(unit.tx, _one_per_balance(credits))
    ]


def _one_per_balance(credits: Iterable[Credit]) -> list[Credit]:
    sums: dict[object, Credit] = {}
    for credit in credits:
        key = (credit.workspace_id, credit.contact_id, credit.currency)
        before_minor = sums[key].amount_minor if key in sums else 0
        sums[key] = replace(credit, amount_minor=before_minor + credit.amount_minor)
    return list(sums.values())
