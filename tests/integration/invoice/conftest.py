"""The invoice service, running, and builders of what its tests begin with."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.invoice import main
from shared.testing.service import RunningService


@pytest.fixture
async def api(start_service: Callable[..., Any]) -> RunningService:
    """The invoice service's HTTP side alone."""
    return await start_service(main.make, "invoice", role="api")


@pytest.fixture
async def client(api: RunningService, a_principal: Callable[..., Any]) -> httpx.AsyncClient:
    """A client of one workspace with every scope."""
    return api.client(a_principal())


async def a_contact(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """A contact, created."""
    reply = await client.post("/v1/contacts", json={"name": "Acme BV", **fields})
    assert reply.status_code == 201, reply.text
    return reply.json()


async def an_invoice(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """An open invoice of 339.00, unless told otherwise."""
    body = {
        "contact_id": fields.pop("contact_id", None) or (await a_contact(client))["id"],
        "status": "open",
        "lines": [
            a_line("Spont POS Licentie", 1, "89.00"),
            a_line("Installatie", 2, "125.00"),
            {"type": "text", "description": "Notitie: Levering binnen 5 werkdagen"},
        ],
        **fields,
    }
    reply = await client.post("/v1/invoices", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


def a_line(description: str, quantity: Any, unit_price: Any, **fields: Any) -> dict[str, Any]:
    """A line with tax-inclusive price at 21 %."""
    return {
        "description": description,
        "quantity": quantity,
        "unit_price": unit_price,
        "tax_rate": "21",
        "tax_behavior": "inclusive",
        **fields,
    }
