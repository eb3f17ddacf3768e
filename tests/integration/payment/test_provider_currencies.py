"""Money at Stripe in currencies that it counts in its own way: charged right, or refused before a charge."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from services.payment import main
from services.payment.providers.provider import Amount, ProviderRejected
from services.payment.providers.stripe import StripeAccount, StripeProvider
from services.payment.sandbox.providers.engine import Engine
from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.payment.collecting import Till
from tests.integration.payment.conftest import NOBODY, receivable_of, unproved
from tests.integration.payment.provider_faces import ACCOUNT, SECRET, open_face, serving
from tests.integration.payment.test_checkouts import Payer
from tests.stripe_server import Conduct
from tests.stripe_store import FileStore


@pytest.mark.parametrize(
    ("amount", "counted"),
    [(Amount(5_000, "UGX"), 500_000), (Amount(500_000, "MGA"), 5_000), (Amount(5_120, "KWD"), 5_120)],
)
async def test_what_is_asked_and_read_back_is_ours_and_what_stripe_counts_is_its_own(
    amount: Amount, counted: int, tmp_path: Path
) -> None:
    async with open_face("http", tmp_path) as face:
        method = await face.method("success")
        made = await face.provider.prepare("col-1", amount, "cus_1", method, key="k1")
        state = await face.provider.confirm(made.reference, method, off_session=True, key="k2")
        await face.engine.open_dispute(made.reference)
        [dispute] = await face.engine.find("dispute")
        read = await face.provider.get_dispute(dispute["id"])
        await face.provider.refund(made.reference, amount, refund_id="r-1", reason=None, key="k3")

        assert await face.charged_minor() == [counted]
        assert [one["amount"] for one in await face.engine.find("refund")] == [counted]
        assert (state.amount_received_minor, read.amount_minor) == (amount.minor, amount.minor)


async def test_events_about_anything_at_the_account_are_caught_up(tmp_path: Path) -> None:
    async with open_face("http", tmp_path) as face:

        async def disputed(amount: int, currency: str) -> None:
            wanted = {"amount": amount, "currency": currency}
            made = await face.engine.create_intent(wanted, currency)
            await face.engine.open_dispute(made.document["id"], amount)

        await disputed(1_000, "eur")
        _, cursor = await face.provider.events_since(None)
        await disputed(1_955, "bgn")
        await disputed(4_010, "isk")
        events, newest = await face.provider.events_since(cursor)

    assert [event.type for event in events] == ["charge.dispute.created"] * 2
    assert newest not in (None, cursor)


async def test_a_refund_that_cannot_be_expressed_is_rejected_before_it_is_sent(tmp_path: Path) -> None:
    async with open_face("http", tmp_path) as face:
        with pytest.raises(ProviderRejected) as rejected:
            await face.provider.refund("pi_1", Amount(5, "KWD"), refund_id="r-1", reason=None, key="k")

    assert rejected.value.code == "amount_not_supported"


@pytest.fixture
async def till(
    start_service: Callable[..., Any], a_principal: Callable[..., Principal], tmp_path: Path
) -> AsyncIterator[Till]:
    """A workspace with a Stripe account of its own, which the sandbox's other face stands for."""
    book = FileStore(tmp_path / "sandbox.db")
    async with serving(book, Conduct(slow_ms=0)) as url:
        service: RunningService = await start_service(
            main.make, "payment", role="api", INVOICE_URL=NOBODY, STRIPE_API_BASE=url
        )
        who = a_principal(mode="sandbox")
        async with service.client(who) as client:
            made = Till(service, who, client)
            async with service.parts.worker.transaction() as tx:
                await tx.execute("INSERT INTO contact VALUES ($1, $2)", who.workspace_id, made.contact_id)
            connection = {
                "provider": "stripe",
                "mode": "test",
                "secret_key": ACCOUNT,
                "webhook_secret": SECRET,
            }
            kept = await client.post("/v1/provider-connections", json=connection)
            assert kept.status_code == 201, kept.text
            await _keep_card(made, url, Engine(book, ACCOUNT))
            made.charged = Engine(book, ACCOUNT)  # type: ignore[attr-defined]
            yield made
        assert await unproved(service) == []
    book.close()


async def _keep_card(till: Till, url: str, engine: Engine) -> None:
    begun = await till.client.post(
        "/v1/payment-methods/setup-intents", json={"contact_id": str(till.contact_id)}
    )
    assert begun.status_code == 201, begun.text
    reference = begun.json()["external_id"]
    await engine.confirm_setup_intent(reference, "success")
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute(
            """INSERT INTO provider_event (workspace_id, provider, mode, event_id, type, object_id)
            VALUES ($1, 'stripe', 'test', 'evt_setup', 'setup_intent.succeeded', $2)""",
            till.who.workspace_id,
            reference,
        )
    await till.events().step()


async def charges(till: Till) -> list[int]:
    return [one["amount"] for one in await till.charged.find("charge")]  # type: ignore[attr-defined]


async def test_an_invoice_in_ugx_is_collected_whole(till: Till) -> None:
    invoice = await till.issue(currency="UGX", total_minor=5_000)
    await till.collect()

    assert await charges(till) == [500_000]
    assert (await receivable_of(till.service, invoice.id))["status"] == "settled"


@pytest.mark.parametrize(
    ("currency", "minor", "code"),
    [("KWD", 1_234, "amount_not_supported"), ("IQD", 1_000, "currency_not_supported")],
)
async def test_what_stripe_cannot_take_is_refused_before_it_is_asked(
    till: Till, currency: str, minor: int, code: str
) -> None:
    charged = await till.issue(currency=currency, total_minor=minor)
    by_hand = await till.issue(currency=currency, total_minor=minor, collection_method="send_invoice")
    await till.collect()
    payer = Payer(till, by_hand.id)

    [failed] = await till.payments(invoice_id=str(charged.id))
    refused = await till.client.post("/v1/payments/collect", json={"invoice_id": str(by_hand.id)})
    page = await payer.begin()

    assert (failed["state"], failed["failure"]["code"], failed["failure"]["advice"]) == (
        "failed",
        code,
        "never",
    )
    assert currency in failed["failure"]["message"]
    for reply in (refused, page):
        assert (reply.status_code, reply.json()["code"]) == (422, code)
        assert reply.json()["errors"][0]["pointer"] == "/invoice_id"
    assert (await payer.standing())["is_available"] is False
    assert await till.charged.find("payment_intent") == []  # type: ignore[attr-defined]


async def test_a_refund_that_stripe_cannot_send_is_refused_and_nothing_is_set_aside(till: Till) -> None:
    await till.issue(currency="KWD", total_minor=5_120)
    await till.collect()
    [payment] = await till.payments()

    refused = await till.client.post(f"/v1/payments/{payment['id']}/refunds", json={"amount_minor": 1_234})
    whole = await till.client.post(f"/v1/payments/{payment['id']}/refunds", json={"amount_minor": 1_230})
    await till.refunds().step()

    assert (refused.status_code, refused.json()["code"]) == (422, "amount_not_supported")
    assert refused.json()["errors"][0]["pointer"] == "/amount_minor"
    assert whole.status_code == 201
    assert [one["amount"] for one in await till.charged.find("refund")] == [1_230]  # type: ignore[attr-defined]
    after = (await till.client.get(f"/v1/payments/{payment['id']}")).json()
    assert [one["amount_minor"] for one in after["refunds"]] == [1_230]


async def test_an_account_of_stripes_is_asked_in_its_own_units(tmp_path: Path) -> None:
    provider = StripeProvider(StripeAccount(ACCOUNT, SECRET, NOBODY))

    with pytest.raises(ProviderRejected) as rejected:
        await provider.prepare("col-1", Amount(1_000, "LYD"), "cus_1", "pm_1", key="k")

    await provider.close()
    assert rejected.value.code == "currency_not_supported"
