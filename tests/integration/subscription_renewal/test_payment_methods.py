"""A subscription names a payment method that there is, and that is its contact's."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from services.subscription_renewal import main
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from tests.integration.payment_method_owner import a_method_owner
from tests.integration.subscription_renewal.conftest import NOBODY, a_contact

LINES = [{"description": "Plan", "quantity": "1", "unit_price": "30", "tax_rate": "0"}]


@pytest.fixture(scope="session")
def schemas() -> list[str]:
    return ["subscription_renewal", "payment"]


async def test_a_subscription_takes_its_contacts_method_or_the_workspaces_own_and_no_other(
    start_service: Callable[..., Any], a_principal: Callable[..., Principal]
) -> None:
    who, stranger = a_principal(mode="sandbox"), a_principal(mode="sandbox")
    owner = await a_method_owner(start_service)
    service = await start_service(
        main.make, "subscription_renewal", role="api", INVOICE_URL=NOBODY, PAYMENT_URL=owner.url
    )
    contact_id = await a_contact(service, who.workspace_id)
    good = [await owner.keep(who, contact_id), await owner.keep(who)]
    wrong = {
        str(new_id()): (404, "not_found"),
        await owner.keep(stranger): (404, "not_found"),
        await owner.keep(who, contact_id, is_deleted=True): (422, "payment_method_deleted"),
        await owner.keep(who, new_id()): (422, "payment_method_of_another_contact"),
    }
    body = {"contact_id": str(contact_id), "interval": "month", "lines": LINES}
    async with service.client(who) as client:
        made = await client.post("/v1/subscriptions", json={**body, "payment_method_id": good[0]})
        assert (made.status_code, made.json()["payment_method_id"]) == (201, good[0])
        path = f"/v1/subscriptions/{made.json()['id']}"

        for method_id, expected in wrong.items():
            named = {"payment_method_id": method_id}
            for reply in (
                await client.post("/v1/subscriptions", json={**body, **named}),
                await client.patch(path, json={**named, "metadata": {"a": "b"}}),
            ):
                assert (reply.status_code, reply.json()["code"]) == expected
                assert reply.json()["errors"][0]["pointer"] == "/payment_method_id"

        kept = (await client.get(path)).json()
        assert (kept["version"], kept["metadata"]) == (made.json()["version"], {})
        [only] = (await client.get("/v1/subscriptions")).json()["data"]
        assert UUID(only["contact_id"]) == contact_id
        changed = await client.patch(path, json={"payment_method_id": good[1]})
        cleared = await client.patch(path, json={"payment_method_id": None})

    assert changed.json()["payment_method_id"] == good[1]
    assert cleared.json()["payment_method_id"] is None
