"""What services do about words that they do not know: the careful thing, never a misreading."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.invoice.billings import domain as renewal
from services.payment.receivables.domain import receivable
from services.subscription_renewal.copies.domain.invoice import InvoiceCopy
from services.subscription_renewal.copies.domain.payment_method import PaymentMethodCopy
from shared.events.event import Event, decode
from shared.kernel.ids import new_id

CORPUS = Path(__file__).parents[2] / "contract" / "corpus"


def an_event(type_: str, **changes: Any) -> Event:
    said = json.loads((CORPUS / f"{type_}.v1.json").read_text())
    return decode(type_, json.dumps(said | {"data": said["data"] | changes}).encode())


@pytest.mark.parametrize("due_minor, status", [(100, "open"), (0, "paid")])
def test_dunning_takes_an_unknown_status_by_what_is_due(due_minor: int, status: str) -> None:
    event = an_event("invoice.overdue", status="disputed", amount_due_minor=due_minor)

    copy = InvoiceCopy.of(event.workspace_id, event.data)

    assert (copy.status, copy.is_settled) == (status, due_minor == 0)


def test_an_invoice_of_unknown_status_with_a_number_asks_for_money() -> None:
    event = an_event("invoice.issued", status="disputed")

    assert receivable.of_invoice(event.workspace_id, event.data).status is receivable.ReceivableStatus.OPEN


def test_a_method_of_unknown_status_is_not_charged() -> None:
    event = an_event("payment_method.updated", status="on_hold")

    assert not PaymentMethodCopy.of(event.workspace_id, new_id(), event.data).is_usable


def test_what_is_collected_in_an_unknown_way_is_sent() -> None:
    event = an_event("subscription.renewed", collection_method="by_magic")
    event.data.billing.reason = "usage"

    assert renewal._collection_method(event.data) == "send_invoice"
    assert renewal.key_of(event.workspace_id, event.data).reason == "change"
