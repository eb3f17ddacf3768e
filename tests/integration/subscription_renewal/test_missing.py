"""A subscription may name a contact or product whose event is still under way."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.invoice import main as invoice_main
from services.subscription_renewal import main
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.subscription_renewal.conftest import NOBODY

LINES = [{"description": "Plan", "unit_price": "10"}]


@pytest.fixture(scope="session")
def schemas() -> list[str]:
    return ["subscription_renewal", "invoice"]


@pytest.fixture
async def invoices(start_service: Any) -> RunningService:
    """The invoice service, whose events go nowhere."""
    found: RunningService = await start_service(invoice_main.make, "invoice", role="api")
    return found


@pytest.fixture
async def service(start_service: Any, invoices: RunningService) -> RunningService:
    """The service's API; it has heard of nothing."""
    found: RunningService = await start_service(
        main.make, "subscription_renewal", role="api", INVOICE_URL=invoices.url
    )
    return found


async def _made(client: httpx.AsyncClient, path: str, **body: Any) -> str:
    reply = await client.post(path, json=body)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def test_what_was_not_heard_of_yet_is_asked_for_once(
    service: RunningService, invoices: RunningService, who: Principal
) -> None:
    async with invoices.client(who) as owner:
        contact_id = await _made(owner, "/v1/contacts", name="Acme BV")
        product_id = await _made(
            owner, "/v1/products", name="Licentie", unit_price="89", tax_rate=21, tax_behavior="inclusive"
        )
    body = {"contact_id": contact_id, "product_id": product_id, "quantity": 2, "interval": "month"}
    headers = {"idempotency-key": "once"}

    async with service.client(who) as client:
        first = await client.post("/v1/subscriptions", json=body, headers=headers)
        again = await client.post("/v1/subscriptions", json=body, headers=headers)

    assert first.status_code == 201, first.text
    assert first.json()["lines"][0]["unit_price"] == "89"
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()["id"] == first.json()["id"]


async def test_how_the_business_rounds_is_asked_for_too(
    service: RunningService, invoices: RunningService, who: Principal
) -> None:
    async with invoices.client(who) as owner:
        contact_id = await _made(owner, "/v1/contacts", name="Acme BV")
        assert (await owner.patch("/v1/business", json={"rounding_mode": "half_even"})).status_code == 200
    body = {"contact_id": contact_id, "interval": "month", "lines": [{**LINES[0], "unit_price": "10.125"}]}

    async with service.client(who) as client:
        made = (await client.post("/v1/subscriptions", json=body)).json()
        billed = (await client.get(f"/v1/subscriptions/{made['id']}/periods")).json()["data"]

    assert [one["amount_minor"] for one in billed] == [1012]


async def test_what_does_not_exist_is_named(
    service: RunningService, invoices: RunningService, who: Principal
) -> None:
    async with invoices.client(who) as owner:
        known = await _made(owner, "/v1/contacts", name="Acme BV")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"contact_id": str(new_id()), "lines": LINES}, "/contact_id"),
        ({"product_id": str(new_id())}, "/product_id"),
        ({"lines": [*LINES, {"product_id": str(new_id())}]}, "/lines/1/product_id"),
    ]

    async with service.client(who) as client:
        for body, pointer in wrong:
            whole = {"contact_id": known, "interval": "month", **body}
            reply = await client.post("/v1/subscriptions", json=whole)

            assert reply.status_code == 404, reply.text
            assert reply.json()["errors"][0]["pointer"] == pointer


async def test_an_owner_that_does_not_answer_is_503(
    start_service: Any, a_principal: Callable[..., Principal]
) -> None:
    alone: RunningService = await start_service(
        main.make, "subscription_renewal", role="api", INVOICE_URL=NOBODY
    )

    async with alone.client(a_principal()) as client:
        body = {"contact_id": str(new_id()), "interval": "month", "lines": LINES}
        reply = await client.post("/v1/subscriptions", json=body)

    assert reply.status_code == 503
    assert reply.headers["retry-after"] == "1"
