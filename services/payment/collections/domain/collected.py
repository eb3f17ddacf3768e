"""Money that a provider collected for an invoice, and what it settles."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from services.payment.ledger.domain import transfer
from services.payment.payments.domain.money_batch import MoneyBatch
from services.payment.receivables.domain import invoicing

FINAL = frozenset({"succeeded"})
"""Money that has come in stays; after any other state it may still turn out that it came."""


def succeed(batch: MoneyBatch, payment_id: UUID, serials: Iterator[int]) -> None:
    """The payment's money has come in: its invoice takes what it asks for, the rest is unallocated.

    Takes one serial at most. A second time nothing happens.
    """
    payment = batch.payments[payment_id]
    if payment.state in FINAL:
        return
    today = batch.clocks[payment.workspace_id].today()
    occasion = batch.occasion(payment.workspace_id, "payment", payment_id)
    accounts = payment.accounts
    batch.transfers += transfer(
        accounts.cash(payment.method), accounts.credit, payment.amount_minor, occasion
    )
    batch.put_payment(
        replace(
            payment,
            state="succeeded",
            unallocated_minor=payment.amount_minor,
            paid_on=today,
            failure_code=None,
            failure_advice=None,
            failure_message=None,
        )
    )
    if payment.invoice_id in batch.receivables:
        invoicing.spread(batch, payment_id, payment.invoice_id, serials)
