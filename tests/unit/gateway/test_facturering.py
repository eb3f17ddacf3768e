"""The forms, relations, amounts and transactions of the dialect `facturering`."""

from decimal import Decimal
from typing import Any

import pytest

from services.gateway.dialects.common.dialect import Answer, Ask, Call
from services.gateway.dialects.facturering import hydra, rows
from services.gateway.dialects.facturering.routes import FACTURERING
from shared.kernel.errors import Invalid

ID = "01981a8e-7c00-7000-8000-000000000003"
OTHER = "01981a8e-7c00-7000-8000-000000000004"
OPERATIONS = {operation.name: operation for operation in FACTURERING.operations}
ROW = {"unit": None, "quantity": 2, "vatRate": "21.00", "netPrice": "125.00", "productName": "Installatie"}


def begun(name: str, **call: Any) -> Any:
    return OPERATIONS[name].begin(Call(**{"base": "/facturering", **call}))


def first_ask(name: str, **call: Any) -> Ask:
    return next(begun(name, **call))


def pointer_of(caught: Any) -> str:
    return caught.value.errors[0].pointer


@pytest.mark.parametrize(
    ("accept", "is_plain"),
    [
        (None, False),
        ("*/*", False),
        ("application/ld+json", False),
        ("application/json", True),
        ("application/json, text/plain, */*", True),
        ("application/ld+json, application/json", False),
        ("application/ld+json;q=0.5, application/json;q=0.9", True),
        ("application/json;q=0.1, */*", False),
        ("text/html", False),
        ("application/json; charset=utf-8", True),
    ],
)
def test_the_form_is_what_the_request_likes_best(accept: str | None, is_plain: bool) -> None:
    headers = {"accept": accept} if accept else {}
    members = [hydra.Resource(iri="/facturering/invoices/1", kind="Invoice")]
    ours = Answer(200, {"meta": {"total": 1, "next_cursor": None}})

    reply = hydra.listed(Call(headers=headers), "/invoices", "Invoice", members, ours)

    assert isinstance(reply.body, list) == is_plain
    assert reply.headers.get("content-type", "application/json") == (
        "application/json" if is_plain else "application/ld+json"
    )


def test_a_collection_names_its_other_pages() -> None:
    call = Call(base="/facturering", query={"page": ["2"], "itemsPerPage": ["10"]})
    ours = Answer(200, {"meta": {"total": 31, "next_cursor": "more"}})

    body = hydra.listed(call, "/invoices", "Invoice", [], ours).body

    start = "/facturering/invoices?itemsPerPage=10&page="
    assert body["totalItems"] == 31
    assert [body["view"][name] for name in ("@id", "first", "last", "previous", "next")] == [
        f"{start}{page}" for page in (2, 1, 4, 1, 3)
    ]


@pytest.mark.parametrize(
    "given",
    [
        ID,
        f"/facturering/invoices/{ID}",
        f"https://billing.example/facturering/invoices/{ID}",
        {"@id": f"/facturering/invoices/{ID}"},
    ],
)
def test_a_relation_is_an_iri_or_an_id(given: Any) -> None:
    assert hydra.id_of(given, "invoices", "invoice") == ID


@pytest.mark.parametrize("given", ["7", f"/facturering/contacts/{ID}", "", None, 7, {"id": ID}, f"{ID}/send"])
def test_another_relation_is_refused(given: Any) -> None:
    with pytest.raises(Invalid) as caught:
        hydra.id_of(given, "invoices", "invoice")

    assert pointer_of(caught) == "/invoice"


def test_keywords_of_json_ld_in_a_body_are_passed_over() -> None:
    ask = first_ask("createInvoice", body={"@type": "Invoice", "contact": ID, "date": "2026-04-11T10:00:00Z"})

    assert ask.body == {
        "contact_id": ID,
        "issue_date": "2026-04-11",
        "currency": "EUR",
        "status": "draft",
        "lines": [],
    }


def test_a_merge_patch_clears_with_null_and_keeps_what_it_does_not_name() -> None:
    ask = first_ask("updateInvoice", parameters={"id": ID}, body={"reference": None})

    assert ask.body == {"reference": None}


@pytest.mark.parametrize(
    ("discount", "currency", "ours"),
    [
        ("10.00", "EUR", {"amount_minor": 1000}),
        (Decimal("0.5"), "EUR", {"amount_minor": 50}),
        ("7", "JPY", {"amount_minor": 7}),
        ("0", "EUR", None),
        (None, "EUR", None),
    ],
)
def test_a_discount_is_counted_in_minor_units(discount: Any, currency: str, ours: Any) -> None:
    body = {"contact": ID, "currency": currency, "invoiceRows": [{**ROW, "netDiscountAmount": discount}]}

    ask = first_ask("createInvoice", body=body)

    assert ask.body["lines"][0].get("discount") == ours


@pytest.mark.parametrize("discount", ["much", "0.001", "", "NaN", "1e99", "9" * 16, "٣"])
def test_a_discount_that_is_no_amount_is_named(discount: str) -> None:
    with pytest.raises(Invalid) as caught:
        first_ask(
            "createInvoice", body={"contact": ID, "invoiceRows": [{**ROW, "netDiscountAmount": discount}]}
        )

    assert pointer_of(caught) == "/invoiceRows/0/netDiscountAmount"


@pytest.mark.parametrize("missing", ["unit", "quantity", "vatRate", "netPrice", "productName"])
def test_a_row_needs_what_the_documentation_marks(missing: str) -> None:
    row = {name: value for name, value in ROW.items() if name != missing}

    with pytest.raises(Invalid) as caught:
        first_ask("createInvoiceRow", body={"invoice": ID, **row})

    assert pointer_of(caught) == f"/{missing}"


def test_a_row_says_which_invoice_it_is_for_or_its_parent_does() -> None:
    with pytest.raises(Invalid) as caught:
        first_ask("createInvoiceRow", body=ROW)
    adding = begun("createInvoiceRow", body={**ROW, "parentInvoiceRow": f"/facturering/invoice-rows/{OTHER}"})

    asks = [next(adding), adding.send(Answer(200, {"invoice_id": ID}))]

    assert pointer_of(caught) == "/invoice"
    assert [ask.path for ask in asks] == [f"/v1/invoice-lines/{OTHER}", f"/v1/invoices/{ID}"]


@pytest.mark.parametrize(
    ("line", "net_price", "discount"),
    [
        ({"unit_price": "125", "tax_behavior": "exclusive", "discount": None}, "125.00", "0.00"),
        ({"unit_price": "121", "tax_behavior": "inclusive", "discount": None}, "100.0000", "0.00"),
        (
            {"unit_price": "100", "tax_behavior": "exclusive", "discount": {"percent": "12.5"}},
            "100.00",
            "25.00",
        ),
        ({"unit_price": None, "tax_behavior": None, "discount": None}, None, "0.00"),
    ],
)
def test_a_row_made_elsewhere_is_shown_without_its_tax(line: Any, net_price: Any, discount: str) -> None:
    ours = {"quantity": "2", "tax_rate": "21", **line}

    assert (rows._net_price(ours, "EUR"), rows._discount(ours, "EUR")) == (net_price, discount)


def test_one_refusal_does_not_stop_the_sending_of_the_others() -> None:
    sending = begun("sendInvoices", body={"invoices": [ID, OTHER, ID]}, headers={"idempotency-key": "k"})
    ask = next(sending)
    results = [
        {"invoice_id": ID, "status": 409, "error": {"detail": "It is void.", "code": "invoice_is_void"}},
        {"invoice_id": OTHER, "status": 202, "deliveries": []},
    ]

    with pytest.raises(StopIteration) as done:
        sending.send(Answer(200, {"data": results}))

    assert (ask.path, ask.headers["idempotency-key"]) == ("/v1/invoices/send", "k")
    assert ask.body == {"invoice_ids": [ID, OTHER], "channels": ["email"], "reminder": False}
    members = done.value.value.body["member"]
    assert [(one["sent"], one["detail"]) for one in members] == [(False, "It is void."), (True, None)]


def test_an_invoice_is_sent_by_email_where_the_body_says_nothing() -> None:
    ask = first_ask("sendInvoice", parameters={"id": ID})

    assert ask.body == {"channels": ["email"], "reminder": False}


def test_a_setup_intent_is_for_the_workspace_or_for_somebody() -> None:
    own = first_ask("createSetupIntent")
    somebody = first_ask("createSetupIntent", body={"organization": f"/facturering/organizations/{ID}"})

    assert (own.body, somebody.body) == ({}, {"contact_id": ID})


def test_a_problem_names_its_properties() -> None:
    ours = {
        "code": "invalid",
        "detail": "No.",
        "errors": [{"pointer": "/invoiceRows/0/netPrice", "message": "m"}],
    }

    reply = FACTURERING.problem(422, ours)

    assert reply.headers["content-type"] == "application/problem+json"
    assert (reply.body["@type"], reply.body["code"]) == ("ConstraintViolation", "validation_error")
    assert reply.body["violations"] == [{"propertyPath": "invoiceRows[0].netPrice", "message": "m"}]
