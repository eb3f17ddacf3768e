"""Bad input: a problem that names the field, and nothing stored."""

import httpx
import pytest

from shared.testing.service import RunningService
from tests.integration.payment.conftest import Issue, counted

JSON = {"content-type": "application/json"}
OTHER = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ('"amount_minor": 0', "/amount_minor"),
        ('"amount_minor": -1', "/amount_minor"),
        ('"amount_minor": true', "/amount_minor"),
        ('"amount_minor": "100"', "/amount_minor"),
        ('"amount_minor": 1.5', "/amount_minor"),
        ('"amount_minor": 100.0', "/amount_minor"),
        ('"amount_minor": NaN', "/amount_minor"),
        ('"amount_minor": 1e400', "/amount_minor"),
        ('"amount_minor": 1000000000000001', "/amount_minor"),
        ('"amount_minor": null', "/amount_minor"),
        ('"amount": 0', "/amount"),
        ('"amount": -1', "/amount"),
        ('"amount": "-0.01"', "/amount"),
        ('"amount": true', "/amount"),
        ('"amount": NaN', "/amount"),
        ('"amount": -Infinity', "/amount"),
        ('"amount": 1e400', "/amount"),
        ('"amount": "1e400"', "/amount"),
        ('"amount": "NaN"', "/amount"),
        ('"amount": "ten"', "/amount"),
        ('"amount": ""', "/amount"),
        ('"amount": "1.001"', "/amount"),
        ('"amount": 1.001', "/amount"),
        ('"amount": 0.0000000000000000000000000000000000000001', "/amount"),
        ('"amount": [1]', "/amount"),
        ('"amount": 1, "amount_minor": 100', "/amount"),
        ('"amount_minor": 1, "currency": "XYZ"', "/currency"),
        ('"amount_minor": 1, "currency": "eur"', "/currency"),
        ('"amount_minor": 1, "currency": "EURO"', "/currency"),
        ('"amount_minor": 1, "currency": "USD"', "/currency"),
        ('"amount_minor": 1, "currency": 978', "/currency"),
        ('"amount_minor": 1, "method": ""', "/method"),
        ('"amount_minor": 1, "method": "' + "m" * 51 + '"', "/method"),
        ('"amount_minor": 1, "method": null', "/method"),
        ('"amount_minor": 1, "method": "a\\u0000b"', "/method"),
        ('"amount_minor": 1, "external_reference": ""', "/external_reference"),
        ('"amount_minor": 1, "external_reference": "' + "r" * 201 + '"', "/external_reference"),
        ('"amount_minor": 1, "note": "a\\u0000b"', "/note"),
        ('"amount_minor": 1, "note": "\\ud800"', "/note"),
        ('"amount_minor": 1, "note": "' + "n" * 4001 + '"', "/note"),
        ('"amount_minor": 1, "note": "card 4242 4242 4242 4242"', "/note"),
        ('"amount_minor": 1, "paid_on": "2026-02-30"', "/paid_on"),
        ('"amount_minor": 1, "paid_on": "yesterday"', "/paid_on"),
        ('"amount_minor": 1, "paid_on": 1775866400', "/paid_on"),
        ('"amount_minor": 1, "paid_on": "1775866400"', "/paid_on"),
        ('"amount_minor": 1, "paid_on": "2026-04-11T09:00:00Z"', "/paid_on"),
        ('"amount_minor": 1, "state": "succeeded"', "/state"),
        ('"amount_minor": 1, "workspace_id": "' + OTHER + '"', "/workspace_id"),
        ('"amount_minor": 1, "unallocated_minor": 5', "/unallocated_minor"),
        ('"amount_minor": 1, "contact_id": "' + OTHER + '"', "/contact_id"),
        (
            '"amount_minor": 1, "allocations": [{"invoice_id": "' + OTHER + '", "amount_minor": 1}]',
            "/allocations",
        ),
    ],
)
async def test_a_bad_field_is_named_and_nothing_is_stored(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, fields: str, pointer: str
) -> None:
    invoice = await issue()

    reply = await client.post(
        "/v1/payments", content=f'{{"invoice_id": "{invoice.id}", {fields}}}', headers=JSON
    )

    assert reply.status_code == 422, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert pointer in [error["pointer"] for error in reply.json()["errors"]]
    assert await counted(service, "payment") == 0


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ("{}", 422, "/invoice_id"),
        ("", 422, ""),
        ("[]", 422, ""),
        ("{", 422, ""),
        ('"text"', 422, ""),
        ('{"amount_minor": 1}', 422, "/invoice_id"),
        ('{"invoice_id": "x", "amount_minor": 1}', 422, "/invoice_id"),
        ('{"invoice_id": 7, "amount_minor": 1}', 422, "/invoice_id"),
        ('{"contact_id": "x", "amount_minor": 1}', 422, "/contact_id"),
        ('{"allocations": []}', 422, "/allocations"),
        ('{"allocations": {}}', 422, "/allocations"),
        ('{"allocations": [{"amount_minor": 1}]}', 422, "/allocations/0/invoice_id"),
        (f'{{"allocations": [{{"invoice_id": "{OTHER}"}}]}}', 422, "/allocations/0/amount_minor"),
        (
            f'{{"allocations": [{{"invoice_id": "{OTHER}", "amount_minor": 1, "amount_due_minor": 0}}]}}',
            422,
            "/allocations/0/amount_due_minor",
        ),
        (
            '{"allocations": [' + ", ".join([f'{{"invoice_id": "{OTHER}", "amount_minor": 1}}'] * 2) + "]}",
            422,
            "/allocations/1/invoice_id",
        ),
        (
            '{"allocations": [' + ", ".join([f'{{"invoice_id": "{OTHER}", "amount_minor": 1}}'] * 101) + "]}",
            422,
            "/allocations",
        ),
    ],
)
async def test_a_bad_body_is_refused(client: httpx.AsyncClient, body: str, status: int, pointer: str) -> None:
    reply = await client.post("/v1/payments", content=body, headers=JSON)

    assert reply.status_code == status, reply.text
    assert pointer in [error["pointer"] for error in reply.json()["errors"]]


async def test_a_currency_without_decimals_takes_none(client: httpx.AsyncClient, issue: Issue) -> None:
    invoice = await issue(currency="JPY", total_minor=500)

    refused = await client.post("/v1/payments", json={"invoice_id": str(invoice.id), "amount": "1.50"})
    taken = await client.post("/v1/payments", json={"invoice_id": str(invoice.id), "amount": "500"})

    assert (refused.status_code, refused.json()["code"]) == (422, "too_many_decimals")
    assert refused.json()["errors"][0]["pointer"] == "/amount"
    assert taken.json()["amount_minor"] == 500


async def test_a_body_of_two_megabytes_is_too_large(client: httpx.AsyncClient) -> None:
    reply = await client.post("/v1/payments", content=b" " * 2 * 1024 * 1024, headers=JSON)

    assert reply.status_code == 413


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/payments?limit=0", 422),
        ("/v1/payments?limit=501", 422),
        ("/v1/payments?cursor=nonsense", 422),
        ("/v1/payments?state=lost", 422),
        ("/v1/payments?paid_from=soon", 422),
        ("/v1/payments?invoice_id=7", 422),
        ("/v1/payments/7", 422),
        (f"/v1/payments/{OTHER}", 404),
        ("/v1/allocations/0", 422),
        ("/v1/allocations/9223372036854775808", 422),
        ("/v1/allocations/99", 404),
        (f"/v1/allocations/{OTHER}", 404),
        ("/v1/credit-balances?currency=euro", 422),
        ("/v1/payments?external_reference=%00", 422),
        ("/v1/payments?method=%00", 422),
    ],
)
async def test_a_bad_question_is_refused(client: httpx.AsyncClient, path: str, status: int) -> None:
    reply = await client.get(path)

    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
