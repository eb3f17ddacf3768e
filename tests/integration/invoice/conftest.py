"""The invoice service, running, and builders of what its tests begin with."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from services.invoice import main
from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.conftest import StartService
from tests.integration.invoice.mail_server import Inbox, mail_server
from tests.integration.invoice.sending_rig import Rig


@pytest.fixture(scope="session")
def schemas() -> list[str]:
    return ["invoice"]


@pytest.fixture
async def api(start_service: StartService) -> RunningService:
    """The invoice service's HTTP side alone."""
    return await start_service(main.make, "invoice", role="api")


@pytest.fixture
async def client(api: RunningService, a_principal: Callable[..., Principal]) -> httpx.AsyncClient:
    """A client of one workspace with every scope."""
    return api.client(a_principal())


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A real mail server, and what arrives there."""
    with mail_server() as found:
        yield found


@pytest.fixture
async def rig(start_service: StartService, a_principal: Callable[..., Principal], inbox: Inbox) -> Rig:
    """What a workspace needs to send."""
    api = await start_service(main.make, "invoice", role="api", SMTP_HOST="127.0.0.1")
    return Rig(api, a_principal, inbox)


async def a_contact(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """A contact, created."""
    reply = await client.post("/v1/contacts", json={"name": "Acme BV", **fields})
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


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
    found: dict[str, Any] = reply.json()
    return found


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


async def a_sent_invoice(client: httpx.AsyncClient, email: str, **contact: Any) -> dict[str, Any]:
    """A draft to this address, issued by being queued."""
    who = await a_contact(client, email=email, **contact)
    invoice = await an_invoice(client, contact_id=who["id"], status="draft")
    reply = await client.post(f"/v1/invoices/{invoice['id']}/send")
    assert reply.status_code == 202, reply.text
    return invoice
