"""E-invoices of a live workspace through Storecove, as its documented routes answer."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.invoice.e_invoices.providers.access_point import AccessPointUnavailable
from services.invoice.e_invoices.providers.storecove import Storecove, StorecoveAccount
from services.invoice.sending.domain import channel_setting
from services.invoice.sending.repository import channel_settings
from shared.http.internal_auth import Principal
from shared.kernel.addresses import Egress
from shared.kernel.key_ring import KeyRing
from shared.postgres.listing import Window
from shared.testing.service import RunningService
from tests.integration.invoice.e_invoicing import (
    AT_ONCE,
    Rules,
    a_bill,
    a_sender,
    access_points,
    send,
    sent,
    state_of,
    work,
)
from tests.integration.invoice.storecove_fake import API_KEY, StorecoveFake

RECEIVER = "0208:0403170701"
LATER = (timedelta(hours=1),)
_TAKEN_LATER = ["queued", "submitting", "unknown", "submitting", "submitted", "delivered"]
# What the submissions meet, one after the other, and the states that follow.
ANSWERS: list[tuple[list[Any], list[str]]] = [
    ([429], ["queued", "submitting", "queued", "submitting", "submitted", "delivered"]),
    ([500], _TAKEN_LATER),
    (["lost"], _TAKEN_LATER),
    (["slow"], _TAKEN_LATER),
    ([422], ["queued", "submitting", "rejected"]),
    ([500, 422, 429], ["queued", *["submitting", "unknown"] * 3, "submitting", "submitted", "delivered"]),
    ([429] * 9, ["queued", *["submitting", "queued"] * 6, "submitting", "failed"]),
    ([500] * 9, ["queued", *["submitting", "unknown"] * 6, "failed"]),
]


@pytest.fixture
async def storecove() -> AsyncIterator[StorecoveFake]:
    """A Storecove that listens."""
    fake = StorecoveFake()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def principal(a_principal: Callable[..., Principal]) -> Principal:
    """Somebody of a live workspace."""
    return a_principal(mode="live")


@pytest.fixture
async def client(api: RunningService, storecove: StorecoveFake, principal: Principal) -> httpx.AsyncClient:
    """A client of a live workspace that has its own account at Storecove."""
    points: Any = access_points(api)
    points.validation, points.storecove_api_base, points.timeout_seconds = Rules(None), storecove.url, 0.5
    edit = channel_setting.ChannelSettingEdit(options={"legal_entity_id": 42}, secret=API_KEY)
    ring = KeyRing.parse(f"k1:{'A' * 43}=")
    tools = channel_setting.SendingTools(ring, Egress())
    setting = channel_setting.new_setting(
        principal.workspace_id, "storecove", "live", edit, now=datetime.now(UTC), tools=tools
    )
    async with api.parts.worker.transaction() as tx:
        await channel_settings.insert(tx, setting)
    return api.client(principal)


async def _queued(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    return await sent(client, invoice_id=(await a_bill(client))["id"], receiver=RECEIVER, **fields)


async def test_it_is_submitted_as_ubl_under_our_guid_and_delivered_once_there_is_evidence(
    api: RunningService, client: httpx.AsyncClient, storecove: StorecoveFake, principal: Principal
) -> None:
    e_invoice = await _queued(client)

    await work(a_sender(api, polls=LATER))
    waiting = await state_of(client, e_invoice)
    storecove.is_sent = True
    reply = await client.post(
        f"/providers/storecove/{principal.workspace_id}/webhooks",
        json={"guid": waiting["provider_reference"], "event": "document.sent"},
    )
    await work(a_sender(api))

    delivered = await state_of(client, e_invoice)
    asked, body = storecove.seen
    assert (asked["scheme"], asked["identifier"]) == ("BE:EN", "0403170701")
    assert (body["legalEntityId"], body["idempotencyGuid"]) == (42, e_invoice["submission_guid"])
    assert body["routing"] == {"eIdentifiers": [{"scheme": "BE:EN", "id": "0403170701"}]}
    assert body["document"]["rawDocumentData"]["parseStrategy"] == "ubl"
    assert b"<cbc:ID>" + e_invoice["number"].encode() in storecove.document()
    assert (waiting["status"], reply.status_code, delivered["status"]) == ("submitted", 204, "delivered")
    assert delivered["evidence"]["evidence"] == {"message_id": "m-1"}
    assert "documents" not in delivered["evidence"]


async def test_whatever_it_answers_it_processes_one_submission_at_most(
    api: RunningService, client: httpx.AsyncClient, storecove: StorecoveFake
) -> None:
    storecove.is_sent = True

    for faults, states in ANSWERS:
        storecove.faults, storecove.submissions, storecove.seen = list(faults), {}, []
        e_invoice = await _queued(client)
        await work(a_sender(api), rounds=40)

        found = await state_of(client, e_invoice)
        guids = {body["idempotencyGuid"] for body in storecove.seen if "document" in body}
        assert [state["status"] for state in found["history"]] == states, faults
        assert len(storecove.submissions) == (1 if states[-1] == "delivered" else 0)
        assert guids == {e_invoice["submission_guid"]}


async def test_a_receiver_that_is_not_registered_is_not_sent_anything(
    api: RunningService, client: httpx.AsyncClient, storecove: StorecoveFake
) -> None:
    storecove.is_receiver_known = False
    e_invoice = await _queued(client)

    await work(a_sender(api))

    found = await state_of(client, e_invoice)
    assert (found["status"], found["failure"]["code"]) == ("failed", "receiver_not_registered")
    assert storecove.submissions == {}


async def test_wrong_credentials_and_none_at_all_wait_and_then_fail(
    api: RunningService, client: httpx.AsyncClient, storecove: StorecoveFake, principal: Principal
) -> None:
    e_invoice, wrong = await _queued(client), Storecove(StorecoveAccount("wrong", 1, storecove.url))
    async with api.parts.worker.transaction() as tx:
        (setting,) = (await channel_settings.find(tx, principal.workspace_id, Window(limit=1))).rows
        await channel_settings.delete(tx, principal.workspace_id, setting.id)

    await work(a_sender(api, retries=AT_ONCE[:1]))

    failed = await state_of(client, e_invoice)
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "no_access_point")
    with pytest.raises(AccessPointUnavailable):
        await wrong.status(str(uuid4()))
    await wrong.close()


async def test_a_pdf_is_refused_and_a_webhook_that_names_nothing_too(
    client: httpx.AsyncClient, principal: Principal
) -> None:
    invoice = await a_bill(client)
    path = "/providers/storecove/{}/webhooks"

    as_pdf = await send(client, invoice_id=invoice["id"], syntax="factur_x")
    nothing = await client.post(path.format(principal.workspace_id), json={"event": "hello"})
    stranger = await client.post(path.format(uuid4()), json={"guid": str(uuid4())})

    assert (as_pdf.status_code, as_pdf.json()["code"]) == (422, "e_invoice_syntax_not_supported")
    assert (nothing.status_code, nothing.json()["code"]) == (400, "hint_not_ours")
    assert stranger.status_code == 409
