"""What became of mails and texts after they were sent: told by bounce mails and webhooks, each once."""

import base64
import hashlib
import hmac
import json
from typing import Any
from uuid import UUID

import httpx

from services.invoice.e_invoices.operations.document_data import FacturXData
from services.invoice.e_invoices.validation.process import ValidationProcess
from services.invoice.sandbox.channels import SandboxChannel
from services.invoice.sending.operations.channels import Channels
from services.invoice.sending.workers.send import DeliverySender, SendingLimits
from shared.kernel.addresses import Egress
from tests.integration.invoice.conftest import a_contact, a_sent_invoice, an_invoice
from tests.integration.invoice.mail_server import RING, a_sender, send_all
from tests.integration.invoice.sending_rig import Rig
from tests.unit.invoice.test_delivery_reports import a_bounce, a_mailgun, a_postmark, a_ses
from tests.unit.invoice.test_sms_channel import SID, a_twilio

PUBLIC_BASE_URL = "https://pay.example.com"
SECRET = "a-secret-of-this-workspace"
ADDRESS = "anna@kunde.example"


async def test_a_bounce_mail_ends_its_delivery_once_and_no_replay_undoes_a_retry(rig: Rig) -> None:
    client = await rig.workspace()
    setting = await a_setting(client, "mail")
    invoice = await a_sent_invoice(client, ADDRESS)
    await send_all(a_sender(rig.database, rig.inbox))
    (mail,) = rig.inbox.mails
    path = f"/providers/mail/{await workspace_of(rig, invoice)}/bounces"
    bounce = a_bounce(message_id=mail["Message-ID"])
    assert await rig.statuses(client, invoice) == ["sent"]

    delayed = await told(rig, path, a_bounce("delayed", "4.4.1", message_id=mail["Message-ID"]))
    bounced = await told(rig, path, bounce)
    again = await told(rig, path, bounce)
    late = await told(rig, path, a_bounce("delivered", "2.0.0", message_id=mail["Message-ID"]))

    assert (delayed, bounced, again, late) == (204, 204, 204, 204)
    assert (setting["has_secret"], SECRET in str(setting)) == (True, False)
    [delivery] = (await client.get(f"/v1/invoices/{invoice['id']}/deliveries")).json()["data"]
    assert (delivery["status"], delivery["failure_code"]) == ("bounced", "recipient_refused")
    assert delivery["failure_message"] == "550 5.1.1 Nobody here"
    assert await rig.timeline(client, invoice) == [
        "delivery.queued",
        "invoice.sent",
        "delivery.sent",
        "delivery.delayed",
        "delivery.bounced",
    ]
    assert await rig.failures() >= {"bounced"}
    refused = await client.post(f"/v1/invoices/{invoice['id']}/send")
    assert (refused.status_code, refused.json()["code"]) == (409, "recipient_refused")

    retried = await client.post(f"/v1/invoices/{invoice['id']}/deliveries/{delivery['id']}/retry")
    await send_all(a_sender(rig.database, rig.inbox))
    assert (retried.status_code, await told(rig, path, bounce)) == (200, 204)
    assert await rig.statuses(client, invoice) == ["sent"]


async def test_reports_are_believed_by_their_workspaces_own_proof_alone(rig: Rig) -> None:
    client, other = await rig.workspace(), await rig.workspace()
    await a_setting(client, "mail")
    await a_setting(other, "mail", secret="another-secret-of-another")
    invoice = await a_sent_invoice(client, ADDRESS)
    foreign = await a_sent_invoice(other, "b@kunde.example")
    await send_all(a_sender(rig.database, rig.inbox))
    bounce = a_bounce(message_id=rig.inbox.of("anna")[0]["Message-ID"])
    own, theirs = await workspace_of(rig, invoice), await workspace_of(rig, foreign)
    path = f"/providers/mail/{own}/bounces"

    async with rig.api.client() as anybody:
        unproven = await anybody.post(path, content=bounce)
    statuses = [
        await told(rig, path, bounce, "another-secret-of-another"),
        await told(rig, f"/providers/postmark/{own}/webhooks", a_postmark(RecordType="Delivery")),
        await told(rig, f"/providers/mail/{UUID(int=7)}/bounces", bounce),
        # Proven, but about a delivery of another workspace: nothing is found, nothing is said.
        await told(rig, f"/providers/mail/{theirs}/bounces", bounce, "another-secret-of-another"),
        await told(rig, path, b"Subject: Back on Monday\r\n\r\nHi"),
    ]

    assert (unproven.status_code, unproven.headers["www-authenticate"]) == (
        401,
        'Basic realm="delivery reports"',
    )
    assert statuses == [401, 401, 401, 204, 422]
    assert await rig.statuses(client, invoice) == await rig.statuses(other, foreign) == ["sent"]
    for bad in ({"secret": "short"}, {"secret": None}, {"secret": "a" * 30, "host": "x"}):
        reply = await client.post("/v1/channel-settings", json={"kind": "ses", "mode": "live", **bad})
        assert reply.status_code == 422, bad


async def test_each_provider_ends_a_delivery_by_its_own_webhook(rig: Rig) -> None:
    client = await rig.workspace()
    for kind in ("postmark", "ses", "mailgun"):
        await a_setting(client, kind)
    invoices = [await a_sent_invoice(client, f"{name}@kunde.example") for name in ("one", "two", "three")]
    await send_all(a_sender(rig.database, rig.inbox))
    one, two, three = [rig.inbox.of(name)[0]["Message-ID"] for name in ("one@", "two@", "three@")]
    base = f"/providers/{{}}/{await workspace_of(rig, invoices[0])}/webhooks"
    to = {"Recipient": "one@kunde.example", "Email": None, "DeliveredAt": "2026-04-11T09:00:00Z"}
    delivered = a_postmark(RecordType="Delivery", Details="250 OK", **to)
    delivered["Metadata"]["delivery"] = one.strip("<>").partition("@")[0]
    recipients = [{"emailAddress": "two@kunde.example", "diagnosticCode": "smtp; 550 Nobody"}]
    bounced = a_ses(
        "Bounce", bounce={"bounceType": "Permanent", "feedbackId": "f", "bouncedRecipients": recipients}
    )
    bounced["Message"] = bounced["Message"].replace(
        "019d7a2f-8f00-7000-8000-000000000001@platform.example", two[1:-1]
    )
    event = a_mailgun("failed", severity="permanent", recipient="three@kunde.example", reason="bounce")
    event["message"]["headers"]["message-id"] = three.strip("<>")
    signature = {"timestamp": "1529006854", "token": "t"}
    signature["signature"] = hmac.new(SECRET.encode(), b"1529006854t", hashlib.sha256).hexdigest()

    statuses = [
        await told(rig, base.format("postmark"), delivered),
        await told(rig, base.format("ses"), json.loads(bounced["Message"])),
        await told(rig, base.format("mailgun"), {"signature": signature, "event-data": event}),
        await told(
            rig, base.format("mailgun"), {"signature": {**signature, "token": "u"}, "event-data": event}
        ),
        await told(rig, base.format("ses"), bounced),
        await told(rig, base.format("postmark"), b"[" * 10_000),
    ]

    assert statuses == [204, 204, 204, 401, 422, 422]
    assert [await rig.statuses(client, one) for one in invoices] == [["delivered"], ["bounced"], ["bounced"]]


async def test_twilio_tells_how_a_text_ended_at_the_address_that_it_was_given(rig: Rig) -> None:
    client = await rig.workspace()
    account = {
        "kind": "twilio",
        "mode": "live",
        "account_sid": SID,
        "secret": "t0ken",
        "sender": "+15005550006",
    }
    assert (await client.post("/v1/channel-settings", json=account)).status_code == 201
    contact = await a_contact(client, phone="+4790000000", country="NO")
    invoice = await an_invoice(client, contact_id=contact["id"])
    sent = await client.post(f"/v1/invoices/{invoice['id']}/send", json={"channels": ["sms"]})
    assert sent.status_code == 202, sent.text
    async with a_twilio() as (base, forms):
        channels = Channels(RING, Egress(), SandboxChannel, None, 15, base, "https://billing.example/")
        await send_all(
            DeliverySender(rig.database, channels, FacturXData(ValidationProcess()), SendingLimits())
        )
    workspace_id, delivery_id = await workspace_of(rig, invoice), sent.json()["data"][0]["id"]
    path = f"/providers/twilio/{workspace_id}/status?delivery={delivery_id}"

    assert forms[0]["StatusCallback"] == f"https://billing.example{path}"
    statuses = [
        await called_back(rig, path, "delivered", sid="SM999"),
        await called_back(rig, path, "sent"),
        await called_back(rig, path, "delivered", token="wrong"),
        await called_back(rig, path.partition("?")[0], "undelivered", ErrorCode="30003"),
        await called_back(rig, path, "delivered"),
    ]

    # The first is of another message, the last comes too late.
    assert statuses == [204, 204, 401, 204, 204]
    assert await rig.statuses(client, invoice) == ["bounced"]


async def a_setting(client: httpx.AsyncClient, kind: str, secret: str = SECRET) -> dict[str, Any]:
    reply = await client.post("/v1/channel-settings", json={"kind": kind, "mode": "live", "secret": secret})
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


async def workspace_of(rig: Rig, invoice: dict[str, Any]) -> UUID:
    async with rig.database.transaction() as tx:
        found: UUID = await tx.fetchval("SELECT workspace_id FROM invoice WHERE id = $1", UUID(invoice["id"]))
    return found


async def told(rig: Rig, path: str, body: bytes | dict[str, Any], secret: str = SECRET) -> int:
    """The status of the answer to a report with this secret as the password."""
    credential = base64.b64encode(f"anyone:{secret}".encode()).decode()
    headers = {"authorization": f"Basic {credential}"}
    async with rig.api.client() as provider:
        if isinstance(body, bytes):
            headers["content-type"] = "message/rfc822"
            return (await provider.post(path, content=body, headers=headers)).status_code
        return (await provider.post(path, json=body, headers=headers)).status_code


async def called_back(
    rig: Rig, path: str, status: str, sid: str = "SM123", token: str = "t0ken", **fields: str
) -> int:
    """The status of the answer to a callback that is signed as Twilio does."""
    form = {"MessageSid": sid, "MessageStatus": status, **fields}
    text = PUBLIC_BASE_URL + path + "".join(name + form[name] for name in sorted(form))
    made = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    headers = {"x-twilio-signature": base64.b64encode(made).decode()}
    async with rig.api.client() as twilio:
        return (await twilio.post(path, data=form, headers=headers)).status_code
