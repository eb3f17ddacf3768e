"""A workspace's own Stripe account: secrets go in and never come out; its webhooks are hints."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import stripe

from services.payment import main
from services.payment.sandbox.providers.engine import Engine
from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.payment.collecting import Till
from tests.integration.payment.conftest import NOBODY, receivable_of
from tests.integration.payment.provider_faces import ACCOUNT, SECRET, serving
from tests.stripe_server import Conduct
from tests.stripe_store import FileStore

CONNECTION = {
    "mode": "test",
    "secret_key": ACCOUNT,
    "publishable_key": "pk_test_123",
    "webhook_secret": SECRET,
}


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[tuple[Engine, str]]:
    book = FileStore(tmp_path / "stripe.db")
    async with serving(book, Conduct(slow_ms=0)) as url:
        yield Engine(book, ACCOUNT), url
    book.close()


@pytest.fixture
async def till(
    start_service: Any, a_principal: Callable[..., Principal], engine: tuple[Engine, str]
) -> AsyncIterator[Till]:
    service: RunningService = await start_service(
        main.make, "payment", role="api", INVOICE_URL=NOBODY, STRIPE_API_BASE=engine[1]
    )
    who = a_principal(mode="sandbox")
    async with service.client(who) as client:
        made = Till(service, who, client)
        async with service.parts.worker.transaction() as tx:
            await tx.execute("INSERT INTO contact VALUES ($1, $2)", who.workspace_id, made.contact_id)
        yield made


def signed(event: Any, secret: str = SECRET) -> dict[str, Any]:
    raw = json.dumps(event)
    generate: Any = stripe.WebhookSignature.generate_signature_header
    return {"content": raw, "headers": {"stripe-signature": generate(raw, secret)}}


def an_event(type_: str, object_id: str, event_id: str = "evt_1") -> dict[str, Any]:
    return {"id": event_id, "type": type_, "data": {"object": {"id": object_id}}}


async def test_secrets_go_in_and_never_come_out(till: Till) -> None:
    made = await till.client.post("/v1/provider-connections", json=CONNECTION)
    path = f"/v1/provider-connections/{made.json()['id']}"

    twice = await till.client.post("/v1/provider-connections", json=CONNECTION)
    changed = await till.client.patch(path, json={"secret_key": "rk_test_another_9876"})
    wrong_mode = await till.client.patch(path, json={"secret_key": "sk_live_1234567890"})
    listed = await till.client.get("/v1/provider-connections")
    async with till.service.parts.worker.transaction() as tx:
        stored = str(await tx.fetch("SELECT * FROM provider_connection"))
        kept = str(await tx.fetch("SELECT * FROM idempotency_key")) + str(
            await tx.fetch("SELECT * FROM outbox")
        )
    deleted = await till.client.delete(path)

    assert (made.status_code, made.json()["has_webhook_secret"]) == (201, True)
    assert (twice.status_code, twice.json()["code"]) == (409, "provider_connection_exists")
    assert (changed.json()["secret_key_last4"], changed.json()["version"]) == ("9876", 2)
    assert wrong_mode.json()["code"] == "provider_key_of_other_mode"
    for text in (made.text, changed.text, listed.text, stored, kept):
        assert not any(secret in text for secret in (ACCOUNT, SECRET, "rk_test_another"))
    assert deleted.status_code == 204
    assert (await till.client.get(path)).status_code == 404


async def test_another_workspace_sees_no_connection(
    till: Till, a_principal: Callable[..., Principal]
) -> None:
    made = await till.client.post("/v1/provider-connections", json=CONNECTION)

    async with till.service.client(a_principal()) as other:
        listed = await other.get("/v1/provider-connections")
        got = await other.get(f"/v1/provider-connections/{made.json()['id']}")

    assert (listed.json()["data"], got.status_code) == ([], 404)


async def test_a_payer_finishes_a_setup_intent_and_the_hint_attaches_the_method(
    till: Till, engine: tuple[Engine, str]
) -> None:
    await till.client.post("/v1/provider-connections", json=CONNECTION)
    begun = await till.client.post(
        "/v1/payment-methods/setup-intents", json={"contact_id": str(till.contact_id)}
    )
    await engine[0].confirm_setup_intent(begun.json()["external_id"], "success")
    hint = signed(an_event("setup_intent.succeeded", begun.json()["external_id"]))
    path = f"/providers/stripe/{till.who.workspace_id}/webhooks"

    async with till.service.client() as stripe_itself:
        codes = [(await stripe_itself.post(path, **hint)).status_code for _ in range(2)]
    await till.events().step()
    await till.events().step()

    [method] = (await till.client.get("/v1/payment-methods")).json()["data"]
    intent = (await till.client.get(f"/v1/payment-methods/setup-intents/{begun.json()['id']}")).json()
    assert begun.json()["publishable_key"] == "pk_test_123"
    assert codes == [204, 204]
    assert (method["provider"], method["is_default"], method["last4"]) == ("stripe", True, "4242")
    assert (intent["status"], intent["payment_method_id"]) == ("succeeded", method["id"])


async def test_a_webhook_without_a_good_signature_changes_nothing(till: Till) -> None:
    await till.client.post("/v1/provider-connections", json=CONNECTION)
    path = f"/providers/stripe/{till.who.workspace_id}/webhooks"
    event = an_event("payment_intent.succeeded", "pi_1")

    async with till.service.client() as anybody:
        unsigned = await anybody.post(path, json=event)
        forged = await anybody.post(path, **signed(event, "whsec_guessed"))
        unknown = await anybody.post(f"/providers/stripe/{till.contact_id}/webhooks", **signed(event))
    async with till.service.parts.worker.transaction() as tx:
        count = await tx.fetchval("SELECT count(*) FROM provider_event")

    assert (unsigned.status_code, unsigned.json()["code"]) == (400, "signature_invalid")
    assert (forged.status_code, unknown.status_code, count) == (400, 404, 0)


async def test_a_hint_makes_the_collection_look_again_and_a_lost_one_is_caught_up(
    till: Till, engine: tuple[Engine, str]
) -> None:
    await till.client.post("/v1/provider-connections", json=CONNECTION)
    begun = await till.client.post(
        "/v1/payment-methods/setup-intents", json={"contact_id": str(till.contact_id)}
    )
    await till.events().catch_up()
    await engine[0].confirm_setup_intent(begun.json()["external_id"], "requires_action")
    async with till.service.parts.worker.transaction() as tx:
        # No webhook came; it is time to ask.
        await tx.execute("UPDATE provider_connection SET events_read_at = NULL, event_cursor = 'evt_0'")
    await till.events().catch_up()
    await till.events().step()
    invoice = await till.issue()
    await till.collect()
    [asked] = await till.payments()
    await engine[0].authenticate_intent(asked["provider_reference"])
    hint = signed(an_event("payment_intent.succeeded", asked["provider_reference"], "evt_2"))

    async with till.service.client() as stripe_itself:
        await stripe_itself.post(f"/providers/stripe/{till.who.workspace_id}/webhooks", **hint)
    await till.events().step()
    await till.collect()

    [paid] = await till.payments()
    assert (asked["state"], paid["state"]) == ("requires_action", "succeeded")
    assert (await receivable_of(till.service, invoice.id))["paid_minor"] == 33900


async def test_a_dispute_takes_the_money_back_once(till: Till, engine: tuple[Engine, str]) -> None:
    await till.client.post("/v1/provider-connections", json=CONNECTION)
    begun = await till.client.post(
        "/v1/payment-methods/setup-intents", json={"contact_id": str(till.contact_id)}
    )
    await engine[0].confirm_setup_intent(begun.json()["external_id"], "success")
    path = f"/providers/stripe/{till.who.workspace_id}/webhooks"
    async with till.service.client() as stripe_itself:
        succeeded = an_event("setup_intent.succeeded", begun.json()["external_id"])
        await stripe_itself.post(path, **signed(succeeded))
        await till.events().step()
        invoice = await till.issue()
        await till.collect()
        [paid] = await till.payments()
        dispute = (await engine[0].open_dispute(paid["provider_reference"])).document["id"]

        for number, type_ in enumerate(("charge.dispute.created", "charge.dispute.closed")):
            await stripe_itself.post(path, **signed(an_event(type_, dispute, f"evt_d{number}")))
    await till.events().step()

    [disputed] = await till.payments()
    assert disputed["amount_disputed_minor"] == 33900
    assert (await receivable_of(till.service, invoice.id))["paid_minor"] == 0
