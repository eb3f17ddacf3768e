"""The words, rows and bounds of the dialect `workspace`."""

from typing import Any

import pytest

from services.gateway.dialects.common.dialect import Answer, Ask, Call, Reply
from services.gateway.dialects.workspace import words
from services.gateway.dialects.workspace.routes import WORKSPACE
from shared.kernel.errors import Conflict, Invalid

ID = "550e8400-e29b-41d4-a716-446655440000"
OPERATIONS = {operation.name: operation for operation in WORKSPACE.operations}


def first_ask(name: str, **call: Any) -> Ask:
    return next(OPERATIONS[name].begin(Call(**call)))


def a_line(**fields: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "type": "item",
        "description": "Consulting",
        "quantity": "2",
        "unit": "hour",
        "unit_price": "150",
        "tax_rate": "20",
        "tax_behavior": "exclusive",
        "net_minor": 30000,
        "discount": None,
        **fields,
    }


@pytest.mark.parametrize(
    ("values", "statuses", "echoed"),
    [
        (["draft", "paid"], ["draft", "paid"], ["draft", "paid"]),
        (["draft,issued"], ["draft", "open"], ["draft", "issued"]),
        (["draft, issued", "draft"], ["draft", "open"], ["draft", "issued"]),
    ],
)
def test_a_status_filter_is_repeated_or_separated_by_commas(
    values: list[str], statuses: list[str], echoed: list[str]
) -> None:
    listing = OPERATIONS["listInvoices"].begin(Call(query={"status": values, "limit": ["20"]}))

    asked = next(listing)
    with pytest.raises(StopIteration) as done:
        listing.send(Answer(200, {"data": [], "meta": {"next_cursor": "next"}}))

    assert [value for name, value in asked.query if name == "status"] == statuses
    reply: Reply = done.value.value
    assert reply.body["meta"] == {"limit": 20, "offset": 0, "next_cursor": "next", "status": echoed}


def test_a_list_that_is_not_filtered_echoes_no_status() -> None:
    listing = OPERATIONS["listInvoices"].begin(Call(query={"status": [""]}))
    next(listing)

    with pytest.raises(StopIteration) as done:
        listing.send(Answer(200, {"data": [], "meta": {"next_cursor": None}}))

    assert "status" not in done.value.value.body["meta"]


@pytest.mark.parametrize(
    ("query", "field"),
    [({"limit": ["0"]}, "limit"), ({"limit": ["101"]}, "limit"), ({"status": ["open"]}, "status")],
)
def test_a_wrong_parameter_is_named(query: dict[str, list[str]], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        first_ask("listInvoices", query=query)

    assert caught.value.errors[0].pointer == field


def test_a_list_shows_100_unless_told_otherwise_and_goes_on_at_a_cursor() -> None:
    ask = first_ask("listCustomers", query={"cursor": ["abc"]})

    assert ("limit", 100) in ask.query
    assert ("cursor", "abc") in ask.query


def test_an_empty_email_clears_it_and_one_left_out_stays() -> None:
    cleared = first_ask("updateCustomer", parameters={"id": ID}, body={"email": ""})
    kept = first_ask("updateCustomer", parameters={"id": ID}, body={"name": "Acme"})

    assert cleared.body == {"email": None}
    assert kept.body == {"name": "Acme"}


@pytest.mark.parametrize(("given", "status"), [({}, "open"), ({"status": "draft"}, "draft")])
def test_an_invoice_is_issued_unless_a_draft_is_wanted(given: dict[str, str], status: str) -> None:
    ask = first_ask("createInvoice", body={"customer_id": ID, "description": "A", "unit_price": 1, **given})

    assert ask.body["status"] == status
    assert ask.body["lines"] == [{"type": "item", "description": "A", "unit_price": "1"}]


def test_an_invoice_has_at_most_50_rows() -> None:
    line = {"description": "A", "quantity": 1, "unit_price": 1, "tax_rate": 0}

    first_ask("createInvoice", body={"customer_id": ID, "lines": [line] * 50})
    with pytest.raises(Invalid) as caught:
        first_ask("createInvoice", body={"customer_id": ID, "lines": [line] * 51})

    assert caught.value.errors[0].pointer == "/lines"


def test_rows_are_given_in_one_of_the_two_ways() -> None:
    with pytest.raises(Invalid) as caught:
        first_ask("createInvoice", body={"customer_id": ID, "quantity": 2, "lines": []})

    assert caught.value.errors[0].pointer == "/quantity"


@pytest.mark.parametrize("word", ["paid", "open", "void", ""])
def test_only_draft_and_issued_can_be_set(word: str) -> None:
    with pytest.raises(Invalid) as caught:
        first_ask("updateInvoice", parameters={"id": ID}, body={"status": word})

    assert caught.value.errors[0].pointer == "/status"


def test_a_single_field_changes_the_only_row_and_nothing_else_of_it() -> None:
    editing = OPERATIONS["updateInvoice"].begin(Call(parameters={"id": ID}, body={"quantity": 3}))
    next(editing)

    ask = editing.send(Answer(200, {"status": "draft", "version": 4, "lines": [a_line()]}))

    (line,) = ask.body["lines"]
    assert (line["id"], line["quantity"], line["unit"], line["unit_price"]) == (ID, "3", "hour", "150")
    assert ask.headers["if-match"] == '"4"'


@pytest.mark.parametrize(
    ("body", "now", "field"),
    [
        ({"quantity": 3}, {"status": "draft", "lines": [a_line(), a_line()]}, "/lines"),
        ({"quantity": 3}, {"status": "open", "lines": [a_line()]}, "/status"),
        ({"status": "draft"}, {"status": "paid", "lines": []}, "/status"),
    ],
)
def test_what_cannot_be_edited_is_a_conflict(body: Any, now: Any, field: str) -> None:
    editing = OPERATIONS["updateInvoice"].begin(Call(parameters={"id": ID}, body=body))
    next(editing)

    with pytest.raises(Conflict) as caught:
        editing.send(Answer(200, {"version": 1, **now}))

    assert caught.value.errors[0].pointer == field


def test_a_customer_can_be_left_out_of_a_change_but_not_cleared() -> None:
    with pytest.raises(Invalid) as caught:
        first_ask("updateInvoice", parameters={"id": ID}, body={"customer_id": None})

    assert caught.value.errors[0].pointer == "/customer_id"


def test_a_status_without_a_word_stays_as_it_is() -> None:
    assert [words.word(status) for status in ("open", "paid", "new")] == ["issued", "paid", "new"]
