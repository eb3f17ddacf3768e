"""The words and numbers of the dialect `paydock`."""

from decimal import Decimal
from typing import Any

import pytest
import simplejson
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.dialects.common import fields, problems
from services.gateway.dialects.common.dialect import Answer, Ask, Call, Operation, Refused
from services.gateway.dialects.paydock import contacts, invoices, payments, words
from services.gateway.dialects.paydock.routes import PAYDOCK
from shared.kernel.errors import Invalid, NotFound

ID = "01981a8e-7c00-7000-8000-000000000003"
OPERATIONS = {operation.name: operation for operation in PAYDOCK.operations}


def first_ask(operation: Operation, **call: Any) -> Ask:
    return next(operation.begin(Call(**call)))


@pytest.mark.parametrize(
    ("status", "payment_status", "word"),
    [
        ("draft", "unpaid", "concept"),
        ("open", "unpaid", "verzonden"),
        ("open", "partially_paid", "deels_betaald"),
        ("paid", "paid", "betaald"),
        ("void", "unpaid", "geannuleerd"),
        ("uncollectible", "partially_paid", "oninbaar"),
    ],
)
def test_each_invoice_has_its_word(status: str, payment_status: str, word: str) -> None:
    assert words.invoice(status, payment_status) == word
    assert ("status", status) in words.INVOICE_FILTERS[word]


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_is_written_digit_by_digit(minor: int, currency: str) -> None:
    text = simplejson.dumps(fields.major(minor, currency), use_decimal=True)
    decimals = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]

    assert Decimal(text) == Decimal(minor).scaleb(-decimals)
    assert len(text.partition(".")[2]) == decimals


@pytest.mark.parametrize(
    ("ours", "currency", "theirs"),
    [
        ("89", "EUR", "89.00"),
        ("89.5", "EUR", "89.50"),
        ("0.123456789012", "EUR", "0.123456789012"),
        ("1200", "JPY", "1200"),
        ("-5", "KWD", "-5.000"),
    ],
)
def test_a_price_has_at_least_its_currencys_decimals(ours: str, currency: str, theirs: str) -> None:
    assert str(fields.price(ours, currency)) == theirs


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**9), max_value=10**9))
def test_a_number_reaches_us_with_every_digit(value: Decimal) -> None:
    body = {"invoice_id": ID, "amount": value}

    ask = first_ask(OPERATIONS["createPayment"], body=body)

    assert Decimal(ask.body["amount"]) == value
    assert "E" not in ask.body["amount"]


@pytest.mark.parametrize("value", [1.5, True, "abc", None, [], "NaN", Decimal("Infinity")])
def test_what_is_no_number_is_named(value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        OPERATIONS["createPayment"].begin(Call(body={"invoice_id": ID, "amount": value}))

    assert [error.pointer for error in caught.value.errors] == ["/amount"]


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("Keizersgracht 1", {"line1": "Keizersgracht 1", "line2": None}),
        ("Gracht 1\n1015 CJ Amsterdam", {"line1": "Gracht 1", "line2": "1015 CJ Amsterdam"}),
        ("a\nb\nc", {"line1": "a", "line2": "b\nc"}),
        (None, None),
    ],
)
def test_an_address_comes_back_as_it_was_given(address: str | None, ours: Any) -> None:
    ask = first_ask(OPERATIONS["createContact"], body={"name": "A", "address": address})
    whole = ours and {"postal_code": None, "city": None, "region": None, **ours}
    same = dict.fromkeys(("id", "email", "phone", "country", "external_id", "vat_id"), "x")

    shown = contacts.on_document({**same, "name": "A", "address": whole})

    assert ask.body["address"] == ours
    assert shown["address"] == address


def test_the_parts_of_our_address_are_one_text() -> None:
    parts = {
        "line1": "Gracht 1",
        "line2": None,
        "postal_code": "1015 CJ",
        "city": "Amsterdam",
        "region": "NH",
    }
    same = dict.fromkeys(("id", "name", "email", "phone", "country", "external_id", "vat_id"), "x")

    assert contacts.on_document({**same, "address": parts})["address"] == "Gracht 1\n1015 CJ Amsterdam\nNH"


@pytest.mark.parametrize("name", ["getContact", "deleteProduct", "getInvoice", "getPayment", "getQuote"])
def test_an_id_that_nothing_can_have_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        first_ask(OPERATIONS[name], parameters={"id": "uuid-of-customer"})


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": ["0"]}, "limit"),
        ({"limit": ["501"]}, "limit"),
        ({"limit": ["1.0"]}, "limit"),
        ({"limit": ["²"]}, "limit"),
        ({"offset": ["-1"]}, "offset"),
        ({"status": ["open"]}, "/status"),
        ({"contact_id": ["acme"]}, "contact_id"),
    ],
)
def test_a_wrong_parameter_is_named(query: dict[str, list[str]], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        first_ask(OPERATIONS["listInvoices"], query=query)

    assert [error.pointer for error in caught.value.errors] == [field]


def test_a_subscription_that_ended_counts_as_cancelled() -> None:
    ask = first_ask(OPERATIONS["listSubscriptions"], query={"status": ["opgezegd"]})

    assert [value for name, value in ask.query if name == "status"] == ["canceled", "ended"]
    assert words.word_of(words.SUBSCRIPTIONS, "ended") == "opgezegd"


def test_the_limits_of_a_list_are_100_and_500() -> None:
    assert ("limit", 100) in first_ask(OPERATIONS["listPayments"]).query
    assert ("limit", 500) in first_ask(OPERATIONS["listPayments"], query={"limit": ["500"]}).query


def test_a_line_has_one_price() -> None:
    line = {"description": "A", "unit_price": 1, "unit_price_incl": 1}
    with pytest.raises(Invalid) as caught:
        first_ask(OPERATIONS["createInvoice"], body={"contact_id": ID, "lines": [{}, line]})

    assert caught.value.errors[0].pointer == "/lines/1/unit_price"


def test_a_text_line_is_its_text_alone() -> None:
    line = {"description": "Notitie", "is_text_line": True, "quantity": 0, "unit_price_incl": 0}

    ask = first_ask(OPERATIONS["createInvoice"], body={"contact_id": ID, "lines": [line]})

    assert ask.body["lines"] == [{"type": "text", "description": "Notitie"}]


def test_a_payment_waits_two_seconds_unless_told_otherwise() -> None:
    body = {"invoice_id": ID, "amount": 1}

    default = first_ask(OPERATIONS["createPayment"], body=body)
    told = first_ask(OPERATIONS["createPayment"], body=body, headers={"prefer": "wait=9"})

    assert (default.headers["prefer"], told.headers["prefer"]) == ("wait=2", "wait=9")


@pytest.mark.parametrize("word", ["vervallen", "deels betaald", "paid", ""])
def test_a_word_that_no_invoice_has_is_refused(word: str) -> None:
    with pytest.raises(Invalid) as caught:
        first_ask(OPERATIONS["updateInvoice"], parameters={"id": ID}, body={"status": word})

    assert caught.value.errors[0].pointer == "/status"


def test_paying_the_rest_counts_payments_that_the_invoice_does_not_show_yet() -> None:
    shown = {"id": ID, "version": 2, "amount_due_minor": 33900}
    paying = invoices._pay_the_rest(shown)
    next(paying)
    allocation = {"invoice_id": ID, "amount_due_minor": 10000}

    ask = paying.send(Answer(200, {"data": [{"allocations": [allocation]}]}))

    assert ask.body == {"invoice_id": ID, "amount_minor": 10000, "method": "other"}


def test_nothing_is_paid_where_nothing_remains() -> None:
    paying = invoices._pay_the_rest({"id": ID, "version": 2, "amount_due_minor": 33900})
    next(paying)

    with pytest.raises(StopIteration):
        paying.send(Answer(200, {"data": [{"allocations": [{"invoice_id": ID, "amount_due_minor": 0}]}]}))


def test_a_refusal_names_their_fields() -> None:
    translation = OPERATIONS["createPayment"].begin(Call(body={"invoice_id": ID, "amount": 1}))
    next(translation)
    ours = {"errors": [{"pointer": "/paid_on", "message": "m"}, {"pointer": "/amount_minor", "message": "m"}]}

    with pytest.raises(Refused) as caught:
        translation.throw(Refused(422, ours, {}))

    told = PAYDOCK.problem(422, caught.value.problem).body
    assert [detail["field"] for detail in told["details"]] == ["payment_date", "amount"]


def test_a_payment_without_invoice_is_shown_without_one() -> None:
    ours = {
        "id": ID,
        "contact_id": ID,
        "currency": "EUR",
        "external_reference": None,
        "note": None,
        "created_at": "2026-04-11T09:00:00Z",
        "allocations": [],
        "state": "succeeded",
        "amount_minor": 100,
        "unallocated_minor": 100,
        "paid_on": "2026-04-11",
        "method": "other",
    }

    shown = payments.to_reply(ours)

    assert (shown.invoice_id, shown.invoice_status, shown.amount_unallocated) == (None, None, Decimal("1.00"))


@pytest.mark.parametrize(
    ("pointer", "field"),
    [("/lines/0/quantity", "lines[0].quantity"), ("limit", "limit"), ("", ""), ("/a/b", "a.b")],
)
def test_a_field_is_named_as_in_code(pointer: str, field: str) -> None:
    assert problems.place(pointer) == field
