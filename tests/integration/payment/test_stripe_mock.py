"""What we send to Stripe, checked against its own OpenAPI by stripe-mock: `make test-stripe-mock`."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.local.ports import free_port
from services.payment.providers.provider import ProviderRejected
from services.payment.providers.stripe import StripeAccount, StripeProvider
from tests.integration.payment.provider_faces import EUROS

BINARY = os.environ.get("STRIPE_MOCK", "")
pytestmark = pytest.mark.skipif(not BINARY, reason="opt-in: make test-stripe-mock")


@pytest.fixture
async def provider() -> AsyncIterator[StripeProvider]:
    port = free_port()
    process = subprocess.Popen([BINARY, "-http-port", str(port)], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    made = StripeProvider(StripeAccount("sk_test_123", api_base=url))
    try:
        async with httpx.AsyncClient() as client:
            for _ in range(100):
                try:
                    await client.get(url)
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.1)
        yield made
    finally:
        await made.close()
        process.kill()
        process.wait()


async def test_stripe_knows_every_parameter_that_we_send(provider: StripeProvider) -> None:
    customer = await provider.ensure_customer("contact-1", key="k1")
    setup = await provider.create_setup_intent(customer, key="k2")
    made = await provider.prepare("col-1", EUROS, customer, "pm_card_visa", key="k3")
    refund = await provider.refund(made.reference, EUROS, refund_id="r-1", reason=None, key="k4")

    answers = [
        await provider.get_setup_intent(setup.reference),
        await provider.confirm(made.reference, "pm_card_visa", off_session=True, key="k5"),
        await provider.lookup(made.reference),
        await provider.cancel(made.reference, key="k6"),
        await provider.get_refund(refund.reference),
        await provider.get_dispute("dp_1"),
        await provider.get_method("pm_card_visa"),
    ]
    await provider.find("col-1")
    await provider.find_refund(made.reference, "r-1")
    await provider.detach_method("pm_card_visa", key="k7")
    await provider.events_since(None)
    await provider.events_since("evt_1")

    assert all(answers)
    assert (customer[:4], made.reference[:3], setup.reference[:5]) == ("cus_", "pi_", "seti_")


async def test_stripe_mock_would_refuse_a_parameter_that_stripe_does_not_know(
    provider: StripeProvider,
) -> None:
    with pytest.raises(ProviderRejected):
        await provider.prepare("col-1", type(EUROS)(100, "EUR"), "cus_1", {"no": "id"}, key="k")  # type: ignore[arg-type]
