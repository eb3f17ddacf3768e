"""Payment methods: kept through setup intents, one default a contact, announced before they expire."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.payment import main
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.payment.collecting import Till
from tests.integration.payment.conftest import NOBODY


@pytest.fixture
async def service(start_service: Any) -> RunningService:
    started: RunningService = await start_service(main.make, "payment", role="api", INVOICE_URL=NOBODY)
    return started


@pytest.fixture
async def till(service: RunningService, a_principal: Callable[..., Principal]) -> AsyncIterator[Till]:
    who = a_principal(mode="sandbox")
    async with service.client(who) as client:
        made = Till(service, who, client)
        async with service.parts.worker.transaction() as tx:
            await tx.execute("INSERT INTO contact VALUES ($1, $2)", who.workspace_id, made.contact_id)
        yield made


async def events_of(till: Till, method_id: str) -> list[tuple[str, int]]:
    async with till.service.parts.worker.transaction() as tx:
        rows = await tx.fetch(
            "SELECT type, aggregate_seq FROM outbox WHERE aggregateid = $1::text::uuid ORDER BY position",
            method_id,
        )
    return [(row["type"], row["aggregate_seq"]) for row in rows]


async def test_the_first_method_is_the_default_and_another_can_become_it(till: Till) -> None:
    first, second = await till.keep_card("success"), await till.keep_card("declined")

    changed = await till.client.patch(
        f"/v1/payment-methods/{second['id']}", json={"is_default": True, "metadata": {"colour": "blue"}}
    )
    defaults = (await till.client.get("/v1/payment-methods", params={"is_default": True})).json()["data"]

    assert (first["is_default"], second["is_default"]) == (True, False)
    assert (first["brand"], first["last4"], first["exp_year"], first["type"]) == (
        "visa",
        "4242",
        2040,
        "card",
    )
    assert changed.json()["metadata"] == {"colour": "blue"}
    assert [method["id"] for method in defaults] == [second["id"]]
    assert await events_of(till, first["id"]) == [
        ("payment_method.created", 1),
        ("payment_method.updated", 2),
    ]
    refused = await till.client.patch(f"/v1/payment-methods/{second['id']}", json={"is_default": False})
    assert refused.json()["errors"][0]["pointer"] == "/is_default"


async def test_when_a_method_expires_can_be_changed_within_a_calendars_bounds(till: Till) -> None:
    method = await till.keep_card("success")
    path = f"/v1/payment-methods/{method['id']}"

    changed = (await till.client.patch(path, json={"exp_month": 12, "exp_year": 2041})).json()
    refused = await till.client.patch(path, json={"exp_month": 13})

    assert (changed["exp_month"], changed["exp_year"], changed["status"]) == (12, 2041, "active")
    assert refused.json()["errors"][0]["pointer"] == "/exp_month"


async def test_a_deleted_method_stays_readable_is_detached_and_leaves_the_default_to_another(
    till: Till,
) -> None:
    kept, gone = await till.keep_card("declined"), await till.keep_card("success")
    await till.client.patch(f"/v1/payment-methods/{gone['id']}", json={"is_default": True})

    deleted = await till.client.delete(f"/v1/payment-methods/{gone['id']}")
    again = await till.client.delete(f"/v1/payment-methods/{gone['id']}")
    await till.methods().detach()

    assert (deleted.status_code, again.status_code) == (204, 204)
    shown = (await till.client.get(f"/v1/payment-methods/{gone['id']}")).json()
    assert (bool(shown["deleted_at"]), shown["is_default"]) == (True, False)
    listed = (await till.client.get("/v1/payment-methods")).json()["data"]
    assert [(method["id"], method["is_default"]) for method in listed] == [(kept["id"], True)]
    everything = (await till.client.get("/v1/payment-methods", params={"deleted": True})).json()["data"]
    assert len(everything) == 2
    assert (await till.engine.get("payment_method", gone["external_id"]))["customer"] is None
    assert (await events_of(till, gone["id"]))[-1] == ("payment_method.deleted", 3)
    edited = await till.client.patch(f"/v1/payment-methods/{gone['id']}", json={"metadata": {}})
    assert (edited.status_code, edited.json()["code"]) == (409, "payment_method_deleted")


async def test_a_setup_intent_answers_what_the_payers_form_needs_and_once_for_a_key(till: Till) -> None:
    body = {"contact_id": str(till.contact_id)}
    key = {"idempotency-key": "once"}

    first = await till.client.post("/v1/payment-methods/setup-intents", json=body, headers=key)
    again = await till.client.post("/v1/payment-methods/setup-intents", json=body, headers=key)
    read = await till.client.get(f"/v1/payment-methods/setup-intents/{first.json()['id']}")

    made = first.json()
    assert (made["status"], made["usage"], made["provider"]) == ("open", "off_session", "sandbox")
    assert made["client_secret"]
    assert again.json() == made
    assert (read.json()["client_secret"], read.json()["status"]) == (None, "open")
    assert len(await till.engine.find("setup_intent")) == 1


async def test_a_setup_intents_secret_is_stored_in_no_reply(till: Till) -> None:
    path, key = "/v1/payment-methods/setup-intents", {"idempotency-key": "sealed"}
    body = {"contact_id": str(till.contact_id)}

    made = await till.client.post(path, json=body, headers=key)
    again = await till.client.post(path, json=body, headers=key)
    reused = await till.client.post(path, json={}, headers=key)

    secret = made.json()["client_secret"]
    assert (again.json(), again.headers["idempotent-replayed"]) == (made.json(), "true")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    async with till.service.parts.worker.transaction() as tx:
        stored = await tx.fetchval("SELECT body FROM idempotency_key WHERE key = 'sealed'")
        assert secret.encode() not in stored
        # As the release before stored it: what the upgrade leaves is answered as it is.
        await tx.execute("UPDATE idempotency_key SET body = $1 WHERE key = 'sealed'", made.content)
    assert (await till.client.post(path, json=body, headers=key)).json() == made.json()


async def test_a_method_may_belong_to_the_workspace_and_a_stranger_has_none(till: Till) -> None:
    own = await till.client.post("/v1/payment-methods/setup-intents", json={"test_card": "success"})
    unknown = await till.client.post(
        "/v1/payment-methods/setup-intents", json={"contact_id": str(new_id()), "test_card": "success"}
    )
    wrong = await till.client.post("/v1/payment-methods/setup-intents", json={"test_card": "gold"})

    assert (own.status_code, own.json()["contact_id"], own.json()["status"]) == (201, None, "succeeded")
    assert unknown.status_code == 503
    assert wrong.json()["errors"][0]["pointer"] == "/test_card"


async def test_a_live_workspace_needs_a_provider_of_its_own(
    service: RunningService, a_principal: Callable[..., Principal]
) -> None:
    async with service.client(a_principal(mode="live")) as client:
        refused = await client.post("/v1/payment-methods/setup-intents", json={"test_card": "success"})

    assert (refused.status_code, refused.json()["code"]) == (409, "no_provider_connection")


async def test_an_expiry_is_announced_once_30_days_ahead_and_once_when_it_came(till: Till) -> None:
    method = await till.keep_card("success")
    # In the middle of a month, whatever day it is: cards expire with a month's last day.
    days = (15 - datetime.now(UTC).day) % 28 + 1
    this_month = datetime.now(UTC).date() + timedelta(days=days)
    await _advance_clock(till, days)
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute(
            "UPDATE payment_method SET exp_year = $1, exp_month = $2", this_month.year, this_month.month
        )
    methods = till.methods()

    await methods.announce()
    await methods.announce()
    announced = await events_of(till, method["id"])
    await _advance_clock(till, days + 62)
    await methods.announce()
    await methods.announce()

    assert announced[1:] == [("payment_method.updated", 2), ("payment_method.expiring", 2)]
    assert (await events_of(till, method["id"]))[3:] == [("payment_method.updated", 3)]
    shown = (await till.client.get(f"/v1/payment-methods/{method['id']}")).json()
    assert shown["status"] == "expired"


async def _advance_clock(till: Till, days: int) -> None:
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute(
            """INSERT INTO workspace (workspace_id, sequence, slug, mode, zone, currency, clock_offset_ms)
            VALUES ($1, 1, 'x', 'sandbox', 'Europe/Amsterdam', 'EUR', $2)
            ON CONFLICT (workspace_id) DO UPDATE SET clock_offset_ms = $2""",
            till.who.workspace_id,
            days * 86_400_000,
        )
