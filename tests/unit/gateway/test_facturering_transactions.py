"""What the transactions of the dialect `facturering` do with payments."""

from decimal import Decimal
from typing import Any

import pytest

from services.gateway.dialects.common.dialect import Answer, Ask, Call
from services.gateway.dialects.facturering import transactions
from services.gateway.dialects.facturering.routes import FACTURERING
from shared.kernel.errors import Conflict, Invalid, NotFound

ID = "01981a8e-7c00-7000-8000-000000000003"
OTHER = "01981a8e-7c00-7000-8000-000000000004"
OPERATIONS = {operation.name: operation for operation in FACTURERING.operations}
PAYMENT = {"id": OTHER, "currency": "EUR", "paid_on": "2026-04-11", "allocations": []}
OPERATIONS = {operation.name: operation for operation in FACTURERING.operations}
ROW = {"unit": None, "quantity": 2, "vatRate": "21.00", "netPrice": "125.00", "productName": "Installatie"}


def begun(name: str, **call: Any) -> Any:
    return OPERATIONS[name].begin(Call(**{"base": "/facturering", **call}))


def first_ask(name: str, **call: Any) -> Ask:
    return next(begun(name, **call))


def pointer_of(caught: Any) -> str:
    return caught.value.errors[0].pointer


def test_money_without_a_transaction_is_a_payment_of_its_own() -> None:
    body = {"invoice": ID, "amount": Decimal("100.5"), "date": "2026-04-11T23:30:00+02:00"}
    creating = begun("createInvoiceTransaction", body=body)
    next(creating)

    ask = creating.send(Answer(200, {"currency": "EUR", "amount_due_minor": 20000}))

    assert (ask.method, ask.path) == ("POST", "/v1/payments")
    assert ask.body["allocations"] == [{"invoice_id": ID, "amount_minor": 10050}]
    assert ask.body["paid_on"] == "2026-04-11"


def test_money_of_a_transaction_is_an_allocation_of_it() -> None:
    body = {"invoice": ID, "transaction": OTHER, "amount": 5, "date": "2026-04-11"}
    creating = begun("createInvoiceTransaction", body=body, headers={"idempotency-key": "k"})
    next(creating)

    ask = creating.send(Answer(200, PAYMENT))

    assert (ask.path, ask.headers) == ("/v1/allocations", {"idempotency-key": "k"})
    assert ask.body == {"payment_id": OTHER, "invoice_id": ID, "amount_minor": 500}


def test_without_an_amount_a_transaction_gives_all_that_fits() -> None:
    body = {"invoice": ID, "transaction": f"/facturering/transactions/{OTHER}", "date": "2026-04-11"}

    ask = first_ask("createInvoiceTransaction", body=body)

    assert (ask.path, ask.body) == ("/v1/allocations", {"payment_id": OTHER, "invoice_id": ID})


def test_nothing_is_taken_for_an_invoice_that_is_paid() -> None:
    creating = begun("createInvoiceTransaction", body={"invoice": ID, "date": "2026-04-11"})
    next(creating)

    with pytest.raises(Conflict) as caught:
        creating.send(Answer(200, {"currency": "EUR", "amount_due_minor": 0}))

    assert pointer_of(caught) == "/amount"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"invoice": OTHER}, "/invoice"),
        ({"transaction": ID}, "/transaction"),
        ({"date": "2026-04-12T00:00:00Z"}, "/date"),
    ],
)
def test_of_a_transaction_only_the_amount_changes(change: dict[str, str], field: str) -> None:
    editing = begun("updateInvoiceTransaction", parameters={"id": "7"}, body={**change, "amount": 5})
    next(editing)
    editing.send(Answer(200, {"serial": 7, "invoice_id": ID, "payment_id": OTHER, "amount_minor": 9}))

    with pytest.raises(Conflict) as caught:
        editing.send(Answer(200, PAYMENT))

    assert pointer_of(caught) == field


@pytest.mark.parametrize(
    ("note", "is_given_back"), [(transactions.OWN, True), ("Bank", False), (None, False)]
)
def test_only_a_payment_of_its_own_follows_a_transaction(note: str | None, is_given_back: bool) -> None:
    payment = {**PAYMENT, "note": note, "version": 3, "unallocated_minor": 4000}
    deleting = begun("deleteInvoiceTransaction", parameters={"id": "7"})
    next(deleting)
    deleting.send(Answer(200, {"serial": 7, "payment_id": OTHER, "amount_minor": 4000}))
    deleting.send(Answer(204))

    try:
        refund = deleting.send(Answer(200, payment))
    except StopIteration:
        refund = None

    assert (refund is not None) == is_given_back
    if refund:
        assert refund.path == f"/v1/payments/{OTHER}/refunds"
        assert refund.body["amount_minor"] == 4000


def test_a_smaller_amount_gives_the_difference_back() -> None:
    editing = begun("updateInvoiceTransaction", parameters={"id": "7"}, body={"amount": Decimal("60.00")})
    next(editing)
    editing.send(Answer(200, {"serial": 7, "invoice_id": ID, "payment_id": OTHER, "amount_minor": 10000}))
    change = editing.send(Answer(200, {**PAYMENT, "note": transactions.OWN, "version": 1}))

    refund = editing.send(Answer(200, {"serial": 7, "amount_minor": 6000}))

    assert (change.method, change.body) == ("PATCH", {"amount_minor": 6000})
    assert refund.body["amount_minor"] == 4000


def test_a_transaction_that_was_deleted_is_gone() -> None:
    reading = begun("getInvoiceTransaction", parameters={"id": "7"})
    next(reading)

    with pytest.raises(NotFound):
        reading.send(Answer(200, {"serial": 7, "amount_minor": 0}))


@pytest.mark.parametrize("key", [ID, "0", "-1", "1.0", "x", "9" * 19])
def test_a_transactions_id_is_a_whole_number(key: str) -> None:
    with pytest.raises(NotFound):
        first_ask("getInvoiceTransaction", parameters={"id": key})


@pytest.mark.parametrize("amount", [10**95, Decimal("1E+30"), Decimal("0.001")])
def test_an_amount_that_no_payment_has_is_named(amount: Any) -> None:
    creating = begun("createInvoiceTransaction", body={"invoice": ID, "amount": amount, "date": "2026-04-11"})
    next(creating)

    with pytest.raises(Invalid) as caught:
        creating.send(Answer(200, {"currency": "EUR", "amount_due_minor": 5}))

    assert pointer_of(caught) == "/amount"
