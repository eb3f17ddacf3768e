"""The words, pages and cents of the dialect `fastfaktura`."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.dialects.common.dialect import Answer, Ask, Call
from services.gateway.dialects.fastfaktura import invoices, words
from services.gateway.dialects.fastfaktura.routes import FASTFAKTURA
from shared.kernel.errors import Invalid

ID = "01981a8e-7c00-7000-8000-000000000001"
OPERATIONS = {operation.name: operation for operation in FASTFAKTURA.operations}
LINE = {"description": "Consulting", "quantity": 1, "unit_price_cents": 50000, "tax_rate": 20}


def first_ask(name: str, **call: Any) -> Ask:
    return next(OPERATIONS[name].begin(Call(**call)))


@pytest.mark.parametrize(
    ("status", "is_overdue", "opened_at", "word"),
    [
        ("draft", False, None, "draft"),
        ("open", False, None, "sent"),
        ("open", False, "2026-04-11T09:00:00Z", "opened"),
        ("open", True, "2026-04-11T09:00:00Z", "overdue"),
        ("paid", False, "2026-04-11T09:00:00Z", "paid"),
        ("void", False, None, "cancelled"),
        ("uncollectible", False, None, "cancelled"),
    ],
)
def test_each_invoice_has_its_word_and_is_found_by_it(
    status: str, is_overdue: bool, opened_at: str | None, word: str
) -> None:
    shown = words.invoice({"status": status, "is_overdue": is_overdue, "opened_at": opened_at})

    query = words.filter_of(word)

    assert shown == word
    assert ("status", status) in query
    assert dict(query).get("overdue", str(is_overdue).lower()) == str(is_overdue).lower()


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "USD", "GBP", "NOK", "SEK", "DKK"]))
def test_cents_come_back_as_they_were_given(cents: int, currency: str) -> None:
    body = {"client_id": ID, "currency": currency, "lines": [{**LINE, "unit_price_cents": cents}]}

    ask = first_ask("createInvoice", body=body)

    price = ask.body["lines"][0]["unit_price"]
    assert Decimal(price) * 100 == cents
    assert invoices._cents(price, currency) == cents


@pytest.mark.parametrize(("price", "cents"), [("0.005", 1), ("-0.005", -1), ("1.004", 100), (None, None)])
def test_a_finer_price_is_shown_rounded(price: str | None, cents: int | None) -> None:
    assert invoices._cents(price, "EUR") == cents


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"currency": "JPY"}, "/currency"),
        ({"currency": None}, "/currency"),
        ({"lines": [{**LINE, "unit_price_cents": Decimal("0.5")}]}, "/lines/0/unit_price_cents"),
        ({"lines": [{**LINE, "unit_price_cents": "50000"}]}, "/lines/0/unit_price_cents"),
        ({"lines": [{**LINE, "unit_price": 1}]}, "/lines/0/unit_price"),
        ({"lines": None}, "/lines"),
    ],
)
def test_what_does_not_fit_is_named(change: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        first_ask("createInvoice", body={"client_id": ID, "currency": "EUR", "lines": [LINE], **change})

    assert caught.value.errors[0].pointer == pointer


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/channels"),
        ({"channels": []}, "/channels"),
        ({"channels": ["fax"]}, "/channels/0"),
        ({"channels": ["email"], "reminder": "now"}, "/reminder"),
    ],
)
def test_a_sending_names_its_channels(body: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        first_ask("sendInvoice", parameters={"id": ID}, body=body)

    assert caught.value.errors[0].pointer == pointer


def test_a_page_has_25() -> None:
    ask = first_ask("listClients", query={"page": ["3"], "q": ["fjord"]})

    assert dict(ask.query) == {
        "limit": 25,
        "offset": 50,
        "include": "exact_total",
        "archived": "false",
        "q": "fjord",
    }


@pytest.mark.parametrize("query", [{"page": ["0"]}, {"page": ["x"]}, {"status": ["open"]}])
def test_a_wrong_parameter_is_named(query: dict[str, list[str]]) -> None:
    with pytest.raises(Invalid) as caught:
        first_ask("listInvoices", query=query)

    assert caught.value.errors[0].pointer in query


@pytest.mark.parametrize("locale", ["nl", "EN", ""])
def test_a_locale_is_one_of_four(locale: str) -> None:
    with pytest.raises(Invalid) as caught:
        first_ask("createClient", body={"name": "A", "locale": locale})

    assert caught.value.errors[0].pointer == "/locale"


def test_put_and_patch_change_what_they_name() -> None:
    asks = [
        first_ask(name, parameters={"id": ID}, body={"phone": None, "address": "Gata 1\n0154 Oslo"})
        for name in ("updateClient", "replaceClient")
    ]

    assert asks[0] == asks[1]
    assert asks[0].body == {"phone": None, "address": {"line1": "Gata 1", "line2": "0154 Oslo"}}


def test_a_pdf_keeps_its_name_and_its_bytes() -> None:
    reading = OPERATIONS["getInvoicePdf"].begin(Call(parameters={"id": ID}))
    next(reading)

    with pytest.raises(StopIteration) as done:
        reading.send(
            Answer(200, b"%PDF", {"content-disposition": 'inline; filename="INV-1.pdf"', "etag": "x"})
        )

    reply = done.value.value
    assert (reply.body, reply.headers["content-type"]) == (b"%PDF", "application/pdf")
    assert reply.headers["content-disposition"] == 'inline; filename="INV-1.pdf"'
