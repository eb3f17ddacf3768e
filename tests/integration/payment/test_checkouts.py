"""Checkouts: a payer with an invoice's public link pays it on the provider's page, exactly once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from services.payment import main
from services.payment.checkouts.operations import CheckoutRoute, CheckoutTimes, begin_checkout
from services.payment.collections.operations.collect import CollectionRequest, collect
from services.payment.providers.provider import (
    Amount,
    Checkout,
    ProviderUnavailable,
    ProviderUnknownOutcome,
    Result,
)
from services.payment.sandbox.providers.checkouts import Checkouts
from shared.events.invoice import InvoiceData
from shared.http.internal_auth import Principal
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.integration.payment.collecting import Till
from tests.integration.payment.conftest import NOBODY, receivable_of, unproved
from tests.integration.payment.provider_faces import EUROS, open_face

RETURN_URL = "https://pay.example.com/i/token"


@pytest.fixture
async def till(
    start_service: Callable[..., object], a_principal: Callable[..., Principal]
) -> AsyncIterator[Till]:
    service: RunningService = await start_service(main.make, "payment", role="api", INVOICE_URL=NOBODY)
    who = a_principal(mode="sandbox")
    async with service.client(who) as client:
        yield Till(service, who, client)
    assert await unproved(service) == []


class Payer:
    """Whoever has the link of one invoice."""

    def __init__(self, till: Till, invoice_id: UUID) -> None:
        who = Principal(till.who.workspace_id, "public", frozenset({f"public:{invoice_id}"}), mode="sandbox")
        self.client = till.service.client(who)
        self.path = f"/internal/checkouts/{invoice_id}"

    async def standing(self, **query: object) -> dict[str, object]:
        return (await self.client.get(self.path, params=query)).json()

    async def begin(self) -> httpx.Response:
        return await self.client.post(self.path, json={"return_url": RETURN_URL})

    async def choose(self, url: str, card: str) -> httpx.Response:
        reference = url.rpartition("/")[2]
        return await self.client.post(f"{self.path}/sandbox/{reference}", data={"card": card})


async def an_issued(till: Till) -> tuple[InvoiceData, Payer]:
    invoice = await till.issue(collection_method="send_invoice")
    return invoice, Payer(till, invoice.id)


async def test_a_payer_pays_once_on_the_providers_page(till: Till) -> None:
    invoice, payer = await an_issued(till)
    assert (await payer.standing()) == {"is_available": True, "state": None, "receivable_version": 1}

    first, *others = await asyncio.gather(*(payer.begin() for _ in range(6)))
    again = await payer.begin()
    declined = await payer.choose(again.json()["url"], "declined")
    paid = await payer.choose(again.json()["url"], "success")
    after = await payer.choose(again.json()["url"], "success")
    await till.collect()

    assert {reply.json()["url"] for reply in (first, *others)} == {again.json()["url"]}
    assert (declined.status_code, "generic decline" in declined.text) == (200, True)
    assert (paid.status_code, paid.headers["location"]) == (303, f"{RETURN_URL}?checkout=done")
    assert after.status_code == 303
    assert await till.charges() == [invoice.total_minor]
    [payment] = await till.payments()
    assert (payment["state"], payment["method"], payment["is_automatic"]) == ("succeeded", "checkout", False)
    assert payment["provider_reference"].startswith("pi_")
    assert (await receivable_of(till.service, invoice.id))["status"] == "settled"
    standing = await payer.standing(has_returned=True, wait_seconds=1)
    assert (standing["is_available"], standing["state"]) == (False, "succeeded")
    assert (await payer.begin()).json()["code"] == "nothing_due"


async def test_a_checkout_is_taken_over_closed_and_begun_anew(till: Till) -> None:
    invoice, payer = await an_issued(till)
    gone = CheckoutTimes(lease=timedelta(0))
    through = CheckoutRoute("sandbox", "test", RETURN_URL)
    async with begin(till.service.parts.worker) as unit:
        work = unit.within(till.who.workspace_id, Clock())
        await begin_checkout(work, invoice.id, through, gone)

    await till.collect()
    taken_over = await payer.begin()
    await _let_an_hour_pass(till)
    await till.collect()
    begun_anew = await payer.begin()
    await till.client.post("/v1/payments", json={"invoice_id": str(invoice.id), "amount_minor": 100})
    await till.collector().cancel_outdated()
    await till.collect()

    assert taken_over.status_code == begun_anew.status_code == 201
    assert taken_over.json() != begun_anew.json()
    assert [one["state"] for one in await till.payments() if one["method"] == "checkout"] == [
        "canceled",
        "canceled",
    ]
    over = await payer.choose(begun_anew.json()["url"], "success")
    assert over.headers["location"] == f"{RETURN_URL}?checkout=canceled"
    assert await till.charges() == []


async def test_an_automatic_collection_follows_a_page_that_ends_unpaid(till: Till) -> None:
    invoice = await till.issue()
    await till.collect()
    payer = Payer(till, invoice.id)
    opened = await payer.begin()

    async with begin(till.service.parts.worker) as unit:
        work = unit.within(till.who.workspace_id, Clock())
        begun = await collect(work, CollectionRequest(invoice.id))
    standing = await payer.standing()
    await _let_an_hour_pass(till)
    await till.collect()

    assert (opened.status_code, begun, standing["is_available"]) == (201, None, True)
    assert [(one["method"], one["state"]) for one in await till.payments()] == [
        ("none", "failed"),
        ("checkout", "canceled"),
        ("none", "failed"),
    ]


async def test_a_provider_that_does_not_answer_keeps_nobody_waiting(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, payer = await an_issued(till)
    create = Checkouts.create

    async def refuse(*_: object) -> None:
        raise ProviderUnavailable("no connection")

    async def lose(*arguments: object) -> None:
        await create(*arguments)  # type: ignore[arg-type]
        raise ProviderUnknownOutcome("no answer")

    monkeypatch.setattr(Checkouts, "create", refuse)
    refused = await payer.begin()
    monkeypatch.setattr(Checkouts, "create", lose)
    lost = await payer.begin()
    monkeypatch.setattr(Checkouts, "create", create)
    await till.collect()
    found = await payer.begin()

    assert (refused.status_code, lost.status_code) == (503, 503)
    assert found.status_code == 201
    assert [one["state"] for one in await till.payments()] == ["canceled", "requires_action"]
    assert len(await till.engine.find("checkout_session")) == 1


async def test_a_link_opens_its_own_invoice_alone(till: Till) -> None:
    _, payer = await an_issued(till)
    other, other_payer = await an_issued(till)
    url = (await payer.begin()).json()["url"]

    elsewhere = await payer.client.get(f"/internal/checkouts/{other.id}")
    foreign_page = await other_payer.choose(url, "success")
    unknown_card = await payer.choose(url, "gold")
    everything = await till.client.get(f"/internal/checkouts/{other.id}")

    assert (elsewhere.status_code, everything.status_code) == (403, 403)
    assert foreign_page.status_code == 404
    assert unknown_card.status_code == 422
    live = Principal(till.who.workspace_id, "public", frozenset({f"public:{other.id}"}), mode="live")
    async with till.service.client(live) as client:
        assert (await client.get(f"/internal/checkouts/{other.id}")).json()["is_available"] is False
    assert (await payer.client.get(f"/internal/checkouts/{new_id()}")).status_code == 403


@pytest.mark.parametrize("name", ["port", "http"])
async def test_both_faces_open_a_page_and_tell_what_came_of_it(name: str, tmp_path: Path) -> None:
    def a_checkout(collection_id: str) -> Checkout:
        return Checkout(collection_id, EUROS, "INV-1", RETURN_URL, Clock().now() + timedelta(hours=1))

    async with open_face(name, tmp_path) as face:
        provider, checkouts = face.provider, Checkouts(face.engine)
        asked = a_checkout("col-1")

        opened = await provider.open_checkout(asked, key="col:1")
        repeated = await provider.open_checkout(asked, key="col:1")
        waiting = await provider.lookup(opened.reference)
        await checkouts.pay(opened.reference, "declined")
        declined = await provider.lookup(opened.reference)
        await checkouts.pay(opened.reference, "success")
        paid = await provider.lookup(opened.reference)
        too_late = await provider.cancel(opened.reference, key="col:1:cancel")
        refund = await provider.refund(
            paid.reference, Amount(100, "EUR"), refund_id="r", reason=None, key="r"
        )
        second = await provider.open_checkout(a_checkout("col-2"), key="col:2")
        closed = await provider.cancel(second.reference, key="col:2:cancel")

        assert opened == repeated
        assert opened.reference in opened.url
        assert (waiting.result, waiting.reference) == (Result.REQUIRES_ACTION, opened.reference)
        assert declined == waiting
        assert (paid.result, paid.reference[:3]) == (Result.SUCCEEDED, "pi_")
        assert too_late.result is Result.SUCCEEDED
        assert refund.status == "succeeded"
        assert closed.result is Result.CANCELED
        assert await face.charged_minor() == [EUROS.minor]


async def _let_an_hour_pass(till: Till) -> None:
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute(
            """UPDATE collection SET next_step_at = next_step_at - interval '2 hours',
            expires_at = expires_at - interval '2 hours' WHERE next_step_at IS NOT NULL"""
        )
