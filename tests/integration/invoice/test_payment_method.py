"""Which payment method an invoice is to be collected from: one that there is, and that is its contact's."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.invoice import main
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from tests.integration.invoice.conftest import a_contact, an_invoice
from tests.integration.payment_method_owner import MethodOwner, a_method_owner


@pytest.fixture(scope="session")
def schemas() -> list[str]:
    return ["invoice", "payment"]


@pytest.fixture
async def owner(start_service: Callable[..., Any]) -> MethodOwner:
    return await a_method_owner(start_service)


@pytest.fixture
def who(a_principal: Callable[..., Principal]) -> Principal:
    return a_principal(mode="sandbox")


@pytest.fixture
async def client(start_service: Callable[..., Any], owner: MethodOwner, who: Principal) -> httpx.AsyncClient:
    """A client of an invoice service that can ask the owner of methods."""
    service = await start_service(main.make, "invoice", role="api", PAYMENT_URL=owner.url)
    opened: httpx.AsyncClient = service.client(who)
    return opened


async def test_an_invoice_names_the_method_that_it_is_collected_from(
    client: httpx.AsyncClient, owner: MethodOwner, who: Principal
) -> None:
    contact_id = (await a_contact(client))["id"]
    first, second = await owner.keep(who, contact_id), await owner.keep(who)

    draft = await an_invoice(client, contact_id=contact_id, status="draft", payment_method_id=first)
    changed = await client.patch(f"/v1/invoices/{draft['id']}", json={"payment_method_id": second})
    plain = await an_invoice(client, contact_id=contact_id)

    assert (draft["payment_method_id"], plain["payment_method_id"]) == (first, None)
    assert changed.json()["payment_method_id"] == second
    cleared = await client.patch(f"/v1/invoices/{draft['id']}", json={"payment_method_id": None})
    assert cleared.json()["payment_method_id"] is None


async def test_a_method_that_cannot_be_collected_from_is_refused_wherever_it_is_named(
    client: httpx.AsyncClient, owner: MethodOwner, who: Principal, a_principal: Callable[..., Principal]
) -> None:
    contact_id, other = [(await a_contact(client))["id"] for _ in range(2)]
    draft = await an_invoice(client, contact_id=contact_id, status="draft")
    foreign = await owner.keep(a_principal(mode="sandbox"))
    wrong = {
        str(new_id()): (404, "not_found"),
        foreign: (404, "not_found"),
        await owner.keep(who, contact_id, is_deleted=True): (422, "payment_method_deleted"),
        await owner.keep(who, other): (422, "payment_method_of_another_contact"),
    }

    for method_id, expected in wrong.items():
        named = {"payment_method_id": method_id}
        body = {"contact_id": contact_id, "lines": [], **named}
        made = await client.post("/v1/invoices", json=body)
        changed = await client.patch(f"/v1/invoices/{draft['id']}", json=named)
        batch = await client.post("/v1/invoices/batch", json={"invoices": [{"contact_id": contact_id}, body]})

        for reply in (made, changed):
            assert (reply.status_code, reply.json()["code"]) == expected
            assert reply.json()["errors"][0]["pointer"] == "/payment_method_id"
        good, bad = batch.json()["data"]
        assert good["invoice"]["contact_id"] == contact_id
        assert (bad["error"]["status"], bad["error"]["code"]) == expected

    kept = (await client.get(f"/v1/invoices/{draft['id']}")).json()
    assert (kept["payment_method_id"], kept["version"]) == (None, draft["version"])


async def test_the_method_of_an_issued_invoice_is_fixed(client: httpx.AsyncClient) -> None:
    issued = await an_invoice(client)

    reply = await client.patch(f"/v1/invoices/{issued['id']}", json={"payment_method_id": str(new_id())})

    assert (reply.status_code, reply.json()["code"]) == (409, "invoice_is_issued")
    assert reply.json()["errors"][0]["pointer"] == "/payment_method_id"


async def test_while_the_owner_does_not_answer_nothing_is_taken(
    start_service: Callable[..., Any], who: Principal
) -> None:
    alone = await start_service(main.make, "invoice", role="api")
    async with alone.client(who) as client:
        contact_id = (await a_contact(client))["id"]
        body = {"contact_id": contact_id, "payment_method_id": str(new_id())}

        reply = await client.post("/v1/invoices", json=body)

    assert (reply.status_code, "retry-after" in reply.headers) == (503, True)


async def test_a_draft_that_goes_to_another_contact_leaves_the_method_of_the_first_behind(
    client: httpx.AsyncClient, owner: MethodOwner, who: Principal
) -> None:
    first, second = [(await a_contact(client))["id"] for _ in range(2)]
    theirs, ours = await owner.keep(who, first), await owner.keep(who, second)
    draft = await an_invoice(client, contact_id=first, status="draft", payment_method_id=theirs)
    path = f"/v1/invoices/{draft['id']}"

    same = (await client.patch(path, json={"contact_id": first, "notes": "Still theirs"})).json()
    kept = await client.patch(path, json={"contact_id": second, "payment_method_id": theirs})
    moved = (await client.patch(path, json={"contact_id": second})).json()
    back = await client.patch(path, json={"contact_id": first, "payment_method_id": ours})
    named = (await client.patch(path, json={"contact_id": second, "payment_method_id": ours})).json()

    assert same["payment_method_id"] == theirs
    assert kept.json()["code"] == back.json()["code"] == "payment_method_of_another_contact"
    assert (moved["contact_id"], moved["payment_method_id"]) == (second, None)
    assert named["payment_method_id"] == ours
