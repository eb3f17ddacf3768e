"""Channel settings and message templates over HTTP: what is kept, shown, refused and previewed."""

from collections.abc import Callable
from typing import Any

import httpx

from services.invoice.sandbox.channels import SandboxChannel
from services.invoice.sending.channels.channel import Unreachable
from services.invoice.sending.domain.delivery import Verdict
from services.invoice.sending.operations.channels import Channels
from services.invoice.sending.repository import channel_settings
from shared.kernel.addresses import Egress
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import a_contact, an_invoice
from tests.integration.invoice.mail_server import RING

SERVER = {
    "kind": "smtp",
    "mode": "live",
    "host": "localhost",
    "username": "anna",
    "secret": "pa55-w0rd",
    "sender_email": "anna@example.com",
}
TWILIO = {
    "kind": "twilio",
    "mode": "live",
    "account_sid": "AC" + "0" * 32,
    "secret": "t0ken",
    "sender": "+15005550006",
}


async def test_credentials_go_in_and_never_come_out(client: httpx.AsyncClient) -> None:
    made = await client.post("/v1/channel-settings", json=SERVER)
    twice = await client.post("/v1/channel-settings", json=SERVER)
    path = f"/v1/channel-settings/{made.json()['id']}"
    changed = await client.patch(path, json={"host": "mail.example.com"}, headers={"if-match": '"1"'})
    stale = await client.patch(path, json={"host": "mail.example.org"}, headers={"if-match": '"1"'})
    foreign = await client.patch(path, json={"account_sid": "AC" + "0" * 32})
    inside = await client.patch(path, json={"host": "10.0.0.1"})
    sms = await client.post("/v1/channel-settings", json=TWILIO)
    listed = await client.get("/v1/channel-settings?include=total")
    gone = await client.delete(path)
    again = await client.post("/v1/channel-settings", json=SERVER)

    assert made.status_code == sms.status_code == again.status_code == 201, made.text
    assert made.json()["has_secret"] is True
    assert (twice.status_code, twice.json()["code"]) == (409, "channel_setting_exists")
    assert (changed.json()["host"], changed.json()["username"]) == ("mail.example.com", "anna")
    assert stale.status_code == 412
    assert (foreign.status_code, foreign.json()["errors"][0]["pointer"]) == (422, "/account_sid")
    assert (inside.status_code, inside.json()["errors"][0]["pointer"]) == (422, "/host")
    assert listed.json()["meta"]["total"] == 2
    assert gone.status_code == 204
    for reply in (made, changed, sms, listed):
        assert "pa55" not in reply.text
        assert "t0ken" not in reply.text


async def test_a_name_that_leads_inside_is_not_dialled(api: RunningService, a_principal: Any) -> None:
    principal = a_principal()
    await api.client(principal).post("/v1/channel-settings", json=SERVER)
    async with api.parts.worker.transaction() as tx:
        setting = await channel_settings.of_mode(tx, principal.workspace_id, "smtp", "live")
        channel = await Channels(RING, Egress(), SandboxChannel).choose(
            tx, principal.workspace_id, "email", is_live=True
        )

    try:
        await channel.open()
    except Unreachable as error:
        outcome = error.outcome

    assert setting is not None
    assert setting.secret(RING) == "pa55-w0rd"
    assert (outcome.verdict, outcome.code) == (Verdict.FAILED, "channel_address_blocked")


async def test_a_live_workspace_without_a_channel_is_told_so_at_once(
    client: httpx.AsyncClient, api: RunningService, a_principal: Callable[..., Any]
) -> None:
    sandbox = api.client(a_principal(mode="sandbox"))
    live_invoice = await an_invoice(client)
    sandbox_invoice = await an_invoice(
        sandbox, contact_id=(await a_contact(sandbox, phone="+31612345678"))["id"]
    )

    refused = await client.post(f"/v1/invoices/{live_invoice['id']}/send")
    missing = await sandbox.post(f"/v1/invoices/{sandbox_invoice['id']}/send")
    link = await client.post(f"/v1/invoices/{live_invoice['id']}/send", json={"channels": ["link"]})
    sms = await sandbox.post(
        f"/v1/invoices/{sandbox_invoice['id']}/send", json={"channels": ["sms"], "phone": "06 1234 5678"}
    )
    level = await client.post(
        f"/v1/invoices/{live_invoice['id']}/send", json={"channels": ["link"], "level": 2}
    )
    shown = (await client.get(f"/v1/invoices/{live_invoice['id']}")).json()

    assert (refused.status_code, refused.json()["code"]) == (409, "channel_not_configured")
    assert (missing.status_code, missing.json()["code"]) == (422, "recipient_missing")
    assert missing.json()["errors"][0]["pointer"] == "/email"
    assert (link.status_code, link.json()["data"][0]["public_url"]) == (202, shown["public_url"])
    assert shown["sent_at"] is not None
    # A national number without a country is no number.
    assert (sms.status_code, sms.json()["errors"][0]["pointer"]) == (422, "/phone")
    assert (level.status_code, level.json()["errors"][0]["pointer"]) == (422, "/level")


async def test_a_wording_is_kept_shown_and_previewed(client: httpx.AsyncClient) -> None:
    wording = {"kind": "invoice", "channel": "sms", "locale": "nl", "body": "{{ number }}: {{ amount_due }}"}
    made = await client.post("/v1/message-templates", json=wording)
    twice = await client.post("/v1/message-templates", json=wording)
    path = f"/v1/message-templates/{made.json()['id']}"
    wrong = await client.patch(path, json={"body": "{{ secret }}"})
    own = await client.post("/v1/message-templates/preview", json={"channel": "sms", "locale": "nl"})
    listed = await client.get("/v1/message-templates?channel=sms")
    await client.delete(path)
    ours = await client.post("/v1/message-templates/preview", json={"kind": "reminder_3", "locale": "fr"})
    draft = await client.post(
        "/v1/message-templates/preview",
        json={"subject": "{{ number }}", "body": "{{ message }}", "message": "Hi"},
    )
    default = await client.get("/v1/message-templates/default?kind=quote&locale=sv")

    assert made.status_code == 201, made.text
    assert (twice.status_code, twice.json()["code"]) == (409, "message_template_exists")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/body")
    assert "no variable secret" in wrong.json()["detail"]
    assert own.json()["body"].endswith("-00042: € 1.210,00".replace("\u00a0", " "))
    assert own.json()["segment_count"] == 1
    assert [one["id"] for one in listed.json()["data"]] == [made.json()["id"]]
    assert "Mise en demeure" in ours.json()["subject"]
    assert (draft.json()["body"], draft.json()["html"]) == ("Hi", None)
    assert "{{ number }}" in default.json()["subject"]
