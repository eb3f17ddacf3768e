"""What only real sockets show of the Stripe provider: time-outs, failed connections, signatures."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
import stripe
from aiohttp import web

from services.payment.providers.provider import (
    ProviderAuth,
    ProviderError,
    ProviderUnavailable,
    ProviderUnknownOutcome,
    SignatureInvalid,
)
from services.payment.providers.stripe import StripeAccount, StripeProvider
from services.payment.sandbox.providers.engine import Engine
from tests.integration.payment.provider_faces import ACCOUNT, EUROS, SECRET, serving
from tests.stripe_server import Conduct
from tests.stripe_store import FileStore

NOBODY = "http://127.0.0.1:9"


async def raised_by_lookup(account: StripeAccount) -> type[ProviderError] | None:
    provider = StripeProvider(account)
    try:
        await provider.lookup("pi_1")
    except ProviderError as error:
        return type(error)
    finally:
        await provider.close()
    return None


async def test_no_connection_means_surely_not_executed() -> None:
    assert await raised_by_lookup(StripeAccount(ACCOUNT, SECRET, NOBODY)) is ProviderUnavailable


async def test_a_read_time_out_is_an_unknown_outcome_and_the_money_moved(tmp_path: Path) -> None:
    book = FileStore(tmp_path / "sandbox.db")
    engine = Engine(book, ACCOUNT)
    method = (await engine.create_method("timeout_then_success", "cus_1")).document["id"]
    async with serving(book, Conduct(hang_ms=3_000)) as url:
        provider = StripeProvider(StripeAccount(ACCOUNT, SECRET, url, timeout_seconds=1))
        made = await provider.prepare("col-1", EUROS, "cus_1", method, key="col:1")

        started = time.monotonic()
        with pytest.raises(ProviderUnknownOutcome):
            await provider.confirm(made.reference, method, off_session=True, key="col:1:c1")
        waited = time.monotonic() - started
        await provider.close()

    assert waited < 2.9
    assert len(await engine.find("charge")) == 1
    book.close()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, {"error": {"type": "invalid_request_error"}}, ProviderAuth),
        (403, {"error": {"type": "invalid_request_error"}}, ProviderAuth),
        (409, {"error": {"type": "idempotency_error"}}, ProviderUnknownOutcome),
        (429, {"error": {"type": "rate_limit_error"}}, ProviderUnavailable),
        (500, {"error": {"type": "api_error"}}, ProviderUnknownOutcome),
        (503, "<html>", ProviderUnknownOutcome),
        (200, {"object": "list", "data": []}, ProviderUnknownOutcome),
        (200, "not json", ProviderUnknownOutcome),
        (302, {}, ProviderUnknownOutcome),
    ],
)
async def test_every_answer_is_sorted_by_what_it_says_about_the_money(
    status: int, body: Any, expected: type[ProviderError]
) -> None:
    async def answer(_: web.Request) -> web.Response:
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(status=status, text=text, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()

    raised = await raised_by_lookup(
        StripeAccount(ACCOUNT, SECRET, f"http://127.0.0.1:{runner.addresses[0][1]}")
    )

    await runner.cleanup()
    assert raised is expected


def test_a_webhook_is_read_only_with_its_signature() -> None:
    provider = StripeProvider(StripeAccount(ACCOUNT, SECRET))
    event = {"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {"id": "pi_1"}}}
    raw = json.dumps(event, indent=1)
    generate: Any = stripe.WebhookSignature.generate_signature_header
    good, old = generate(raw, SECRET), generate(raw, SECRET, int(time.time()) - 600)

    read = provider.parse_webhook(raw.encode(), {"stripe-signature": good})

    assert (read.id, read.type, read.object_id) == ("evt_1", "payment_intent.succeeded", "pi_1")
    for header in ("", old, generate(raw, "whsec_other"), good.replace("v1=", "v0="), "t=x,v1=y"):
        with pytest.raises(SignatureInvalid):
            provider.parse_webhook(raw.encode(), {"stripe-signature": header})
    with pytest.raises(SignatureInvalid):
        provider.parse_webhook(raw.encode() + b" ", {"stripe-signature": good})
    with pytest.raises(SignatureInvalid):
        provider.parse_webhook(raw.encode(), {})


def test_credentials_do_not_show_in_a_text() -> None:
    assert ACCOUNT not in repr(StripeAccount(ACCOUNT, SECRET))
