"""Reports of Amazon SES through SNS: signed messages of the topic that a setting names, and nothing else."""

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from services.invoice.sending.domain.sns_message import read
from services.invoice.sending.providers.sns import Sns
from shared.kernel.addresses import Egress, networks
from shared.kernel.errors import Unavailable
from tests.integration.invoice.conftest import a_sent_invoice
from tests.integration.invoice.mail_server import a_sender, send_all
from tests.integration.invoice.sending_rig import Rig
from tests.integration.invoice.test_delivery_reports import SECRET, a_setting, told, workspace_of
from tests.integration.invoice.test_mail_security import Signed, _context, _pem, a_certificate
from tests.unit.invoice.sns_builders import (
    CERTIFICATE_URL,
    HOST,
    TOPIC,
    Signer,
    a_confirmation,
    a_notification,
    a_signer,
    at,
)
from tests.unit.invoice.test_delivery_reports import a_ses

LOCAL = Egress(networks(["127.0.0.0/8"]))
OTHER_TOPIC = TOPIC.replace("bounces", "others")


class Amazon(AbstractResolver):
    """Its server of certificates and confirmations, at an address and port of this machine."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=self.port, family=socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        return None


@dataclass
class Asked:
    """What the server was asked for."""

    paths: list[str] = field(default_factory=list)
    port: int = 0


@pytest.fixture(scope="module")
def authority() -> Signed:
    """Whom this process trusts to say who Amazon is."""
    return a_certificate("Authority", 1)


@pytest.fixture
def trusted(authority: Signed, tmp_path: Path) -> ssl.SSLContext:
    """As the system's, with one authority."""
    (tmp_path / "authority.pem").write_bytes(_pem(authority[0]))
    return ssl.create_default_context(cafile=str(tmp_path / "authority.pem"))


async def test_a_signed_bounce_of_the_named_topic_ends_its_delivery(
    rig: Rig, authority: Signed, trusted: ssl.SSLContext, tmp_path: Path
) -> None:
    client = await rig.workspace()
    made = await client.post("/v1/channel-settings", json={"kind": "ses", "mode": "live", "topic_arn": TOPIC})
    assert (made.status_code, made.json()["topic_arn"], made.json()["has_secret"]) == (201, TOPIC, False)
    invoice, path, bounce = await a_bounced(rig, client)
    signer, stranger = a_signer(), a_signer(HOST)
    late = a_notification(bounce, Timestamp=at(datetime.now(UTC) - timedelta(hours=2)))
    signed = signer.sign(a_notification(bounce), "2")

    async with amazon(rig, signer, a_certificate(HOST, 1, authority), trusted, tmp_path) as asked:
        refused = [
            # Forged, changed, kept, of another topic, swapped, raw, and of another region's certificate.
            await told(rig, path, stranger.sign(a_notification(bounce)), ""),
            await told(rig, path, {**signed, "Message": signed["Message"].replace("Permanent", "Other")}, ""),
            await told(rig, path, signer.sign(late), ""),
            await told(rig, path, signer.sign(a_notification(bounce, TopicArn=OTHER_TOPIC)), ""),
            await told(rig, path, {**signed, "TopicArn": OTHER_TOPIC}, ""),
            await told(rig, path, a_ses("Bounce") | {"Type": "Notification"}, ""),
            await told(rig, path, {"notificationType": "Bounce"}, ""),
            await told(rig, path, {**signed, "SigningCertURL": CERTIFICATE_URL.replace("eu-", "us-")}, ""),
            await told(rig, path, signer.sign(a_confirmation(TopicArn=OTHER_TOPIC)), ""),
        ]
        statuses = await rig.statuses(client, invoice)
        confirmed = await told(rig, path, signer.sign(a_confirmation(), "1"), "")
        ended = await told(rig, path, signer.sign(a_confirmation(Type="UnsubscribeConfirmation")), "")
        heard = [await told(rig, path, signed, ""), await told(rig, path, signed, "")]

    assert refused == [401, 401, 401, 401, 401, 422, 401, 401, 401]
    assert (statuses, confirmed, ended, heard) == (["sent"], 204, 204, [204, 204])
    assert await rig.statuses(client, invoice) == ["bounced"]
    # What a stranger signed is not kept; afterwards one look is enough, and one subscription was confirmed.
    certificate = "/" + CERTIFICATE_URL.rpartition("/")[2]
    assert asked.paths.count("/") == 1
    assert asked.paths.count(certificate) == 3


async def test_a_password_is_asked_for_besides_and_alone_confirms_nothing(
    rig: Rig, authority: Signed, trusted: ssl.SSLContext, tmp_path: Path
) -> None:
    client = await rig.workspace()
    setting = await a_setting(client, "ses")
    invoice, path, bounce = await a_bounced(rig, client)
    signer = a_signer()

    async with amazon(rig, signer, a_certificate(HOST, 1, authority), trusted, tmp_path) as asked:
        by_secret = [
            await told(rig, path, signer.sign(a_notification(bounce)), "wrong"),
            await told(rig, path, a_notification(bounce), SECRET),
            await told(rig, path, signer.sign(a_confirmation()), SECRET),
        ]
        named = await client.patch(f"/v1/channel-settings/{setting['id']}", json={"topic_arn": TOPIC})
        by_both = [
            await told(rig, path, signer.sign(a_notification(bounce)), "wrong"),
            await told(rig, path, signer.sign(a_confirmation()), SECRET),
            await told(rig, path, signer.sign(a_notification(bounce)), SECRET),
        ]
        unnamed = await client.patch(
            f"/v1/channel-settings/{setting['id']}", json={"topic_arn": None, "secret": None}
        )

    assert by_secret == [401, 422, 401]
    assert (named.status_code, named.json()["topic_arn"]) == (200, TOPIC)
    assert by_both == [401, 204, 204]
    assert asked.paths.count("/") == 1
    assert await rig.statuses(client, invoice) == ["bounced"]
    assert unnamed.status_code == 422
    for bad in (
        {"topic_arn": "arn:aws:sqs:eu-west-1:123456789012:x"},
        {"topic_arn": TOPIC + "\n"},
        {"topic_arn": None},
    ):
        reply = await client.post("/v1/channel-settings", json={"kind": "ses", "mode": "test", **bad})
        assert reply.status_code == 422, bad
    short = await client.patch(f"/v1/channel-settings/{setting['id']}", json={"secret": "short"})
    assert (short.status_code, short.json()["errors"][0]["pointer"]) == (422, "/secret")


async def test_a_password_alone_still_takes_what_sns_signed_or_delivers_raw(
    rig: Rig, authority: Signed, trusted: ssl.SSLContext, tmp_path: Path
) -> None:
    client = await rig.workspace()
    await a_setting(client, "ses")
    invoice, path, bounce = await a_bounced(rig, client)
    signer = a_signer()
    of_any_topic = signer.sign(a_notification(bounce, TopicArn=OTHER_TOPIC))

    async with amazon(rig, signer, a_certificate(HOST, 1, authority), trusted, tmp_path):
        assert await told(rig, path, of_any_topic, SECRET) == 204

    assert await rig.statuses(client, invoice) == ["bounced"]


async def test_a_certificate_comes_from_amazons_own_server_alone(
    authority: Signed, trusted: ssl.SSLContext, tmp_path: Path
) -> None:
    now, signer = datetime.now(UTC), a_signer()
    message = read(signer.sign(a_notification("Hi")), now)
    servers = {
        "another name": a_certificate("sns.eu-west-1.example.com", 1, authority),
        "ended": a_certificate(HOST, -1, authority),
        "nobody's": a_certificate(HOST, 1),
    }
    for name, certificate in servers.items():
        async with serving(signer, certificate, tmp_path) as asked:
            messenger = Sns(LOCAL, Amazon(asked.port), trusted)
            with pytest.raises(Unavailable):
                await messenger.require_signed(message, now)
            await messenger.close()
            assert asked.paths == [], name
    async with serving(signer, a_certificate(HOST, 1, authority), tmp_path, status=302) as asked:
        messenger = Sns(LOCAL, Amazon(asked.port), trusted)
        with pytest.raises(Unavailable, match="302"):
            await messenger.require_signed(message, now)
        await messenger.close()
        # No private address is dialled, whatever the name says.
        guarded = Sns(Egress(), Amazon(asked.port), trusted)
        with pytest.raises(Unavailable, match="cannot be reached"):
            await guarded.require_signed(message, now)
        await guarded.close()
        assert len(asked.paths) == 1


async def a_bounced(rig: Rig, client: httpx.AsyncClient) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """A sent invoice, the path of its workspace's reports, and the bounce that SES would tell of it."""
    invoice = await a_sent_invoice(client, "two@kunde.example")
    await send_all(a_sender(rig.database, rig.inbox))
    recipients = [{"emailAddress": "two@kunde.example", "diagnosticCode": "smtp; 550 Nobody"}]
    headers = {"messageId": rig.inbox.of("two@")[-1]["Message-ID"]}
    workspace_id: UUID = await workspace_of(rig, invoice)
    bounce = {"bounceType": "Permanent", "feedbackId": "f", "bouncedRecipients": recipients}
    mail = {"messageId": "0100", "destination": ["two@kunde.example"], "commonHeaders": headers}
    event = {"notificationType": "Bounce", "mail": mail, "bounce": bounce}
    return invoice, f"/providers/ses/{workspace_id}/webhooks", event


@asynccontextmanager
async def amazon(
    rig: Rig, signer: Signer, certificate: Signed, trusted: ssl.SSLContext, folder: Path
) -> AsyncIterator[Asked]:
    """Amazon, whom the service of the rig believes to be at an address of this machine."""
    async with serving(signer, certificate, folder) as asked:
        before = rig.api.app.state.sns
        rig.api.app.state.sns = Sns(LOCAL, Amazon(asked.port), trusted)
        try:
            yield asked
        finally:
            await rig.api.app.state.sns.close()
            rig.api.app.state.sns = before


@asynccontextmanager
async def serving(
    signer: Signer, certificate: Signed, folder: Path, status: int = 200
) -> AsyncIterator[Asked]:
    """A server over TLS that shows the signer's certificate."""
    asked = Asked()

    async def answer(request: web.Request) -> web.Response:
        asked.paths.append(request.path)
        return web.Response(status=status, body=signer.certificate, headers={"location": "https://x.example"})

    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=_context(folder, certificate))
    await site.start()
    asked.port = runner.addresses[0][1]
    try:
        yield asked
    finally:
        await runner.cleanup()
