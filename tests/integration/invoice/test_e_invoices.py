"""E-invoices through HTTP, the worker and the sandbox access point."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.invoice.e_invoices.validation.validation import Validator
from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import a_contact, an_invoice
from tests.integration.invoice.e_invoicing import (
    Rules,
    a_bill,
    a_sender,
    send,
    sent,
    state_of,
    use_validation,
    work,
)

OUTCOMES = {
    "01": ["queued", "submitting", "submitted", "delivered"],
    "02": ["queued", "failed"],
    "03": ["queued", "submitting", "submitted", "rejected"],
    "04": ["queued", "submitting", "unknown", "submitted", "delivered"],
    "05": ["queued", "submitting", "submitted", "delivered"],
    "06": ["queued", "submitting", "submitted", "delivered"],
    "07": ["queued", "submitting", "submitted", "delivered", "accepted"],
    "08": ["queued", "submitting", "submitted", "delivered", "refused"],
    "99": ["queued", "submitting", "submitted", "delivered"],
}


@pytest.fixture(scope="session")
def validator() -> Validator:
    """The rules, compiled once."""
    return Validator()


@pytest.fixture
def rules(api: RunningService, validator: Validator) -> Rules:
    """The rules that the service validates by."""
    found: Any = Rules(validator)
    use_validation(api, found)
    return found  # type: ignore[no-any-return]


@pytest.fixture
def principal(a_principal: Callable[..., Principal]) -> Principal:
    """Somebody of a sandbox workspace."""
    return a_principal(mode="sandbox")


@pytest.fixture
async def client(api: RunningService, rules: Rules, principal: Principal) -> httpx.AsyncClient:
    """A client of the sandbox workspace."""
    return api.client(principal)


async def test_the_ending_of_the_receiver_decides_what_happens(
    api: RunningService, client: httpx.AsyncClient
) -> None:
    invoice = await a_bill(client)
    queued = {
        ending: await sent(client, invoice_id=invoice["id"], receiver=f"0106:000000{ending}")
        for ending in OUTCOMES
    }

    await work(a_sender(api))

    for ending, e_invoice in queued.items():
        found = await state_of(client, e_invoice)
        assert [state["status"] for state in found["history"]] == OUTCOMES[ending], ending
        assert found["version"] == len(OUTCOMES[ending])
        assert found["status"] == OUTCOMES[ending][-1]
    network = await api.parts.worker.pool.fetch("SELECT receiver, submission_count FROM sandbox_transmission")
    assert {row["receiver"][-2:]: row["submission_count"] for row in network} == dict.fromkeys(
        set(OUTCOMES) - {"02"}, 1
    )


async def test_every_state_is_told_once_with_the_next_version(
    api: RunningService, client: httpx.AsyncClient
) -> None:
    invoice = await a_bill(client)
    e_invoice = await sent(client, invoice_id=invoice["id"], receiver={"scheme": "0106", "id": "00000004"})

    await work(a_sender(api))

    told = await api.parts.worker.pool.fetch(
        "SELECT type, aggregate_seq, payload FROM outbox WHERE aggregateid = $1 ORDER BY aggregate_seq",
        e_invoice["id"],
    )
    assert [row["type"] for row in told] == ["e_invoice.created", *["e_invoice.updated"] * 4]
    assert [row["aggregate_seq"] for row in told] == [1, 2, 3, 4, 5]


async def test_a_draft_is_issued_by_being_sent_and_an_invoice_by_default_goes_to_its_contact(
    client: httpx.AsyncClient,
) -> None:
    draft = await a_bill(client, status="draft")

    e_invoice = await sent(client, invoice_id=draft["id"])

    issued = (await client.get(f"/v1/invoices/{draft['id']}")).json()
    document = await client.get(f"/v1/e-invoices/{e_invoice['id']}/document")
    assert (issued["status"], issued["number"]) == ("open", e_invoice["number"])
    assert e_invoice["receiver"] == "0208:0403170701"
    assert e_invoice["sender"] == "0106:12345678"
    assert document.headers["content-type"] == "application/xml"
    assert document.headers["etag"] == f'"{e_invoice["document_sha256"]}"'
    assert b'<cbc:EndpointID schemeID="0208">0403170701</cbc:EndpointID>' in document.content
    assert "peppol-ubl 2026.5" in e_invoice["rule_set"]


async def test_a_contact_can_say_where_it_receives_e_invoices(client: httpx.AsyncClient) -> None:
    bill = await a_bill(client, status="draft")
    path = f"/v1/contacts/{bill['contact_id']}"

    wrong = await client.patch(path, json={"e_invoice_address": "0088:5412345000014"})
    kept = await client.patch(path, json={"e_invoice_address": " 0088:5412345000013"})
    e_invoice = await sent(client, invoice_id=bill["id"])

    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/e_invoice_address")
    assert kept.json()["e_invoice_address"] == e_invoice["receiver"] == "0088:5412345000013"


async def test_a_document_that_breaks_a_rule_is_refused_by_its_name_and_nothing_is_queued(
    client: httpx.AsyncClient,
) -> None:
    draft = await a_bill(client, status="draft")
    await client.patch("/v1/business", json={"address": None})

    refused = await send(client, invoice_id=draft["id"])

    still = (await client.get(f"/v1/invoices/{draft['id']}")).json()
    assert (refused.status_code, refused.json()["code"]) == (422, "e_invoice_invalid")
    assert refused.json()["rules"] == ["NL-R-002"]
    assert refused.json()["errors"][0]["pointer"] == "/seller/address/line1"
    assert (await client.get("/v1/e-invoices")).json()["data"] == []
    assert still["status"] == "draft"


async def test_what_an_e_invoice_lacks_is_named(client: httpx.AsyncClient) -> None:
    invoice = await a_bill(client)
    plain = await an_invoice(client, contact_id=(await a_contact(client, country="BE"))["id"])
    dinars = await a_bill(client, currency="KWD")

    replies = [
        await send(client, invoice_id=plain["id"]),
        await send(client, invoice_id=dinars["id"]),
        await send(client, invoice_id=invoice["id"], receiver="0208:0403170702"),
        await send(client, invoice_id=invoice["id"], receiver="nobody"),
        await send(client),
    ]

    assert [reply.status_code for reply in replies] == [422] * 5
    pointers = [reply.json()["errors"][0]["pointer"] for reply in replies]
    assert pointers == ["/contact/vat_id", "/currency", "/receiver", "/receiver", ""]


async def test_a_document_goes_to_a_receiver_once_unless_it_did_not_arrive(
    api: RunningService, client: httpx.AsyncClient
) -> None:
    invoice = await a_bill(client)
    first = await sent(client, invoice_id=invoice["id"], receiver="0106:00000001")
    rejected = await sent(client, invoice_id=invoice["id"], receiver="0106:00000003")

    again = await send(client, invoice_id=invoice["id"], receiver="0106:00000001")
    await work(a_sender(api))
    anew = await sent(client, invoice_id=invoice["id"], receiver="0106:00000003")

    assert (again.status_code, again.json()["code"]) == (409, "e_invoice_already_sent")
    assert again.json()["e_invoice_id"] == first["id"]
    assert anew["id"] != rejected["id"]
    assert anew["submission_guid"] != rejected["submission_guid"]


async def test_a_repeated_request_is_answered_with_the_same_e_invoice(client: httpx.AsyncClient) -> None:
    invoice = await a_bill(client)
    body, key = {"invoice_id": invoice["id"]}, {"idempotency-key": "once"}

    first = await client.post("/v1/e-invoices/send", json=body, headers=key)
    again = await client.post("/v1/e-invoices/send", json=body, headers=key)

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["id"] == first.json()["id"]
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_credit_note_and_a_pdf_that_carries_its_data_are_sent_too(
    api: RunningService, client: httpx.AsyncClient
) -> None:
    invoice = await a_bill(client)
    note = (await client.post(f"/v1/invoices/{invoice['id']}/credit-notes")).json()

    credit = await sent(client, credit_note_id=note["id"])
    as_pdf = await sent(client, invoice_id=invoice["id"], syntax="factur_x")
    await work(a_sender(api))

    document = await client.get(f"/v1/e-invoices/{as_pdf['id']}/document")
    assert (credit["invoice_id"], credit["credit_note_id"]) == (invoice["id"], note["id"])
    assert (await state_of(client, credit))["status"] == "delivered"
    assert (await state_of(client, as_pdf))["evidence"]["is_simulated"] is True
    assert (document.headers["content-type"], document.content[:5]) == ("application/pdf", b"%PDF-")


async def test_lists_are_filtered_and_hold_one_workspace_alone(
    api: RunningService,
    client: httpx.AsyncClient,
    a_principal: Callable[..., Principal],
) -> None:
    invoice = await a_bill(client)
    one = await sent(client, invoice_id=invoice["id"], receiver="0106:00000001")
    two = await sent(client, invoice_id=invoice["id"], receiver="0106:00000002")
    await work(a_sender(api))
    stranger = api.client(a_principal(mode="sandbox"))

    async def found(**filters: str) -> list[str]:
        reply = await client.get("/v1/e-invoices", params=filters)
        assert reply.status_code == 200, reply.text
        return [each["id"] for each in reply.json()["data"]]

    today = one["created_at"][:10]
    assert await found() == [two["id"], one["id"]]
    assert await found(status="delivered,failed", invoice_id=invoice["id"]) == [two["id"], one["id"]]
    assert await found(receiver="0106:00000001") == [one["id"]]
    assert await found(status="failed") == [two["id"]]
    assert await found(created_to="2020-01-01") == []
    assert len(await found(created_from="2020-01-01", created_to=f"{int(today[:4]) + 1}-01-01")) == 2
    assert (await client.get("/v1/e-invoices", params={"status": "lost"})).status_code == 422
    assert (await stranger.get("/v1/e-invoices")).json()["data"] == []
    assert (await stranger.get(f"/v1/e-invoices/{one['id']}/document")).status_code == 404
    for named in ({"invoice_id": invoice["id"]}, {"credit_note_id": invoice["id"]}):
        refused = await stranger.post("/v1/e-invoices/send", json=named)
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
        assert [f"/{name}" for name in named] == [each["pointer"] for each in refused.json()["errors"]]


async def test_a_live_workspace_without_an_access_point_and_a_void_invoice_are_refused(
    api: RunningService, client: httpx.AsyncClient, a_principal: Callable[..., Principal]
) -> None:
    live = api.client(a_principal(mode="live"))
    bill, void = await a_bill(live), await a_bill(client)
    await client.post(f"/v1/invoices/{void['id']}/void")

    no_way = await send(live, invoice_id=bill["id"])
    voided = await send(client, invoice_id=void["id"])

    assert (no_way.status_code, no_way.json()["code"]) == (409, "no_access_point")
    assert (voided.status_code, voided.json()["code"]) == (409, "invoice_is_void")


async def test_rules_that_came_into_force_since_are_kept_before_it_is_submitted(
    api: RunningService, client: httpx.AsyncClient, rules: Rules
) -> None:
    invoice = await a_bill(client)
    fine = await sent(client, invoice_id=invoice["id"], receiver="0106:00000001")
    bad = await sent(client, invoice_id=invoice["id"], receiver="0106:00000011")
    rules.version, rules.forbidden = "; newer", b"00000011"

    await work(a_sender(api))

    kept, broken = await state_of(client, fine), await state_of(client, bad)
    assert [state["status"] for state in kept["history"]][:2] == ["queued", "validating"]
    assert (kept["status"], kept["rule_set"][-7:]) == ("delivered", "; newer")
    assert [state["status"] for state in broken["history"]] == ["queued", "validating", "invalid"]
    assert (broken["failure"]["code"], broken["attempt_count"]) == ("NEW-1", 0)


async def test_the_invoices_timeline_tells_what_became_of_it(
    api: RunningService, client: httpx.AsyncClient
) -> None:
    draft = await a_bill(client, status="draft")
    await sent(client, invoice_id=draft["id"], receiver="0106:00000003")

    await work(a_sender(api))

    entries = (await client.get(f"/v1/invoices/{draft['id']}/events")).json()["data"]
    told = [entry for entry in entries if entry["type"].startswith("e_invoice.")]
    first = [entry["type"] for entry in entries[:3]]
    assert first == ["invoice.created", "invoice.updated", "invoice.issued"]
    assert [entry["type"] for entry in told] == [
        "e_invoice.queued",
        "e_invoice.submitting",
        "e_invoice.submitted",
        "e_invoice.rejected",
    ]
    assert [entry["actor"] for entry in told] == ["test", "system", "system", "system"]
    assert [entry["type"] for entry in entries].count("invoice.sent") == 1
    assert told[-1]["recipient"] == "0106:00000003"
    assert told[-1]["detail"] == "The receiver's access point did not take it."
