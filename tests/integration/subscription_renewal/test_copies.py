"""Copies of contacts and products: any order and repetition of events leaves the same."""

import itertools
import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from shared.events.contact import ContactCreated, ContactData, ContactDeleted, ContactUpdated
from shared.events.event import Event
from shared.events.product import ProductCreated, ProductData, ProductUpdated
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.subscription_renewal.conftest import NOW, a_product, hear, subscribed


def _histories(who: Principal) -> tuple[dict[str, Any], list[Event]]:
    """A contact of three versions and a product of two, with new ids."""
    contact = {"id": new_id(), "created_at": NOW, "updated_at": NOW}
    gone = {"archived_at": datetime.now(UTC)}
    product = {**contact, "id": new_id(), "name": "x", "currency": "EUR", "tax_behavior": "exclusive"}
    product |= {"tax_rate": Decimal(21)}
    events: list[Event] = [
        ContactCreated.of(who.workspace_id, ContactData(**contact, version=1, name="A")),
        ContactUpdated.of(who.workspace_id, ContactData(**contact, version=2, name="B")),
        ContactDeleted.of(who.workspace_id, ContactData(**contact, version=3, name="B", **gone)),
        ProductCreated.of(who.workspace_id, ProductData(**product, version=1, unit_price=Decimal(1))),
        ProductUpdated.of(who.workspace_id, ProductData(**product, version=2, unit_price=Decimal(2))),
    ]
    return {"contact_id": contact["id"], "product_id": product["id"]}, events


async def test_any_order_and_repetition_of_events_leaves_the_same_copies(
    service: RunningService, who: Principal
) -> None:
    orders = random.Random(7).sample(list(itertools.permutations(range(5))), 12)

    for order in orders:
        ids, events = _histories(who)
        for number in (*order, order[0], order[2]):
            await hear(service, events[number])
        async with service.parts.worker.transaction() as tx:
            contact = await tx.fetchrow("SELECT * FROM contact_copy WHERE contact_id = $1", ids["contact_id"])
            product = await tx.fetchrow("SELECT * FROM product_copy WHERE product_id = $1", ids["product_id"])
        assert (contact["sequence"], contact["name"], contact["is_archived"]) == (3, "B", True)
        assert (product["sequence"], product["unit_price"]) == (2, 2)


async def test_a_line_says_why_its_product_has_no_tax(
    service: RunningService, client: httpx.AsyncClient, who: Principal, contact_id: UUID
) -> None:
    reason = {"tax_category": "E", "tax_exemption_reason": "Art. 132"}
    product = await a_product(service, who.workspace_id, tax_rate=Decimal(0), **reason)
    taxed = {"product_id": str(product.id), "tax_category": "S", "tax_rate": "21"}

    made = await subscribed(client, contact_id, lines=[{"product_id": str(product.id)}, taxed])

    assert [line.get("tax_exemption_reason") for line in made["lines"]] == ["Art. 132", None]
    over = {**taxed, "discount": {"amount_minor": 8901}}
    body = {"contact_id": str(contact_id), "interval": "month", "lines": [over]}
    refused = await client.post("/v1/subscriptions", json=body)
    assert refused.json()["errors"][0]["pointer"] == "/lines/0/discount"
