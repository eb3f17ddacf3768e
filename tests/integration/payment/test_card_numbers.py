"""No card number gets in, and none is found anywhere after somebody tried: rows, events, logs."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import stripe

from services.payment import main
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.payment.conftest import NOBODY
from tests.integration.payment.provider_faces import ACCOUNT, SECRET

CANARIES = (
    "4242424242424242",
    "4242 4242 4242 4242",
    "5555555555554444",
    "378282246310005",
    "6759649826438453",
)
ANY_ID = str(new_id())
# Every route that takes text, with the number in a place where a caller might put it.
PLACES: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("POST", "/v1/payments", lambda pan: {"contact_id": ANY_ID, "amount_minor": 1, "note": f"paid by {pan}"}),
    (
        "POST",
        "/v1/payments",
        lambda pan: {"contact_id": ANY_ID, "amount_minor": 1, "external_reference": pan},
    ),
    ("POST", "/v1/payments/collect", lambda pan: {"invoice_id": ANY_ID, "number": pan}),
    (
        "POST",
        "/v1/provider-connections",
        lambda pan: {"mode": "test", "secret_key": "sk_test_1234567890", "description": pan},
    ),
    ("PATCH", f"/v1/payment-methods/{ANY_ID}", lambda pan: {"metadata": {"card": pan}}),
    ("PATCH", f"/v1/payment-methods/{ANY_ID}", lambda pan: {"metadata": {pan: "card"}}),
    ("POST", "/v1/payment-methods/setup-intents", lambda pan: {"card": {"number": pan}}),
)


@pytest.fixture
async def service(start_service: Any) -> RunningService:
    started: RunningService = await start_service(main.make, "payment", role="api", INVOICE_URL=NOBODY)
    return started


@pytest.fixture
async def client(service: RunningService, a_principal: Callable[..., Principal]) -> AsyncIterator[Any]:
    async with service.client(a_principal(mode="sandbox")) as opened:
        yield opened


async def everything(service: RunningService) -> str:
    """All rows of all tables as text, binary columns decoded."""
    found = []
    async with service.parts.worker.transaction() as tx:
        for row in await tx.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"):
            for stored in await tx.fetch(f"SELECT * FROM {row['tablename']}"):
                values = (v.decode("latin-1") if isinstance(v, bytes) else str(v) for v in stored.values())
                found.append(" ".join(values))
    return "\n".join(found)


async def test_a_card_number_is_refused_in_every_field_and_stays_nowhere(
    service: RunningService, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    for canary in CANARIES:
        for method, path, body in PLACES:
            headers = {"idempotency-key": str(new_id())} if method == "POST" else {}
            reply = await client.request(method, path, json=body(canary), headers=headers)

            assert (reply.status_code, reply.json()["code"]) == (422, "invalid"), (path, reply.text)
            assert "card number" in reply.text
            assert canary not in reply.text
    stored, printed = await everything(service), capsys.readouterr().out

    for canary in CANARIES:
        assert canary not in stored
        assert canary not in printed
    assert "request.answered" in printed


async def test_a_webhook_that_holds_a_card_number_leaves_no_trace_of_it(
    service: RunningService, a_principal: Callable[..., Principal], capsys: pytest.CaptureFixture[str]
) -> None:
    who = a_principal(mode="sandbox")
    connection = {"mode": "test", "secret_key": ACCOUNT, "webhook_secret": SECRET}
    async with service.client(who) as client:
        await client.post("/v1/provider-connections", json=connection)
    about = {"id": "pi_1", "description": CANARIES[0], "metadata": {"card": CANARIES[2]}}
    raw = json.dumps({"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": about}})
    generate: Any = stripe.WebhookSignature.generate_signature_header

    async with service.client() as anybody:
        path = f"/providers/stripe/{who.workspace_id}/webhooks"
        taken = await anybody.post(path, content=raw, headers={"stripe-signature": generate(raw, SECRET)})
        refused = await anybody.post(path, content=raw, headers={"stripe-signature": "t=1,v1=x"})
    stored, printed = await everything(service), capsys.readouterr().out

    assert (taken.status_code, refused.status_code) == (204, 400)
    assert "evt_1" in stored
    for text in (stored, printed, refused.text):
        assert not any(canary in text for canary in CANARIES)
