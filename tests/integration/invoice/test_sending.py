"""Invoices leave the house by a mail server that answers in every way, and by senders that die."""

import asyncio
import signal
import sys
from datetime import timedelta
from uuid import UUID

import pytest

from services.invoice.sending.domain.delivery import Outcome, Verdict
from services.invoice.sending.operations import attempts
from services.invoice.sending.repository import due_deliveries
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.kernel.leased_work import LeaseLost
from shared.messaging.work import begin
from tests.conftest import Databases
from tests.integration.invoice.conftest import a_contact, a_sent_invoice, an_invoice
from tests.integration.invoice.mail_server import SHORT_SECONDS, a_sender, html_of, send_all
from tests.integration.invoice.sending_rig import Rig


async def test_an_invoice_arrives_as_a_mail_with_its_pdf(rig: Rig) -> None:
    client = await rig.workspace()
    invoice = await a_sent_invoice(client, "anna@kunde.example", name="Ånna\tKünde, AS", locale="nb")

    await send_all(a_sender(rig.database, rig.inbox))

    (mail,) = rig.inbox.mails
    (delivery,) = (await client.get(f"/v1/invoices/{invoice['id']}/deliveries")).json()["data"]
    assert mail["Subject"] == "Faktura INV-2026-00001 fra Bakkerij de Vries B.V."
    assert mail["From"] == '"Bakkerij de Vries B.V." <billing@platform.example>'
    assert mail["To"] == '"Ånna Künde, AS" <anna@kunde.example>'
    assert (mail["Reply-To"], mail["Content-Language"]) == ("post@vries.example", "nb")
    assert mail["Message-ID"] == f"<{delivery['id']}@platform.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    parts = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert parts == ["text/plain", "text/html", "application/pdf"]
    (pdf,) = mail.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()[:5]) == ("INV-2026-00001.pdf", b"%PDF-")
    printed = (await client.get(f"/v1/invoices/{invoice['id']}/pdf")).content
    assert pdf.get_content() == printed
    shown = (await client.get(f"/v1/invoices/{invoice['id']}")).json()
    assert shown["status"] == "open"
    assert shown["sent_at"] is not None
    assert shown["public_url"] in html_of(mail)
    assert await rig.timeline(client, invoice) == ["delivery.queued", "invoice.sent", "delivery.sent"]


ANSWERS: dict[str, tuple[list[str], str, list[str], int]] = {
    # Name: what the server does, how the delivery ends, what its timeline says, how many mails arrive.
    "later": (["451 4.7.1 Later"], "sent", ["queued", "delayed", "sent"], 1),
    "never": (["451 Later"] * 3, "failed", ["queued", "delayed", "delayed", "failed"], 0),
    "nobody": (["550 5.1.1 Nobody here"], "bounced", ["queued", "bounced"], 0),
    "refusing": (["refused"], "failed", ["queued", "failed"], 0),
    "dropping": (["dropped"], "sent", ["queued", "unknown", "sent"], 2),
    "lost": (["dropped", "dropped"], "unknown", ["queued", "unknown", "unknown"], 2),
}


async def test_what_a_mail_server_answers_decides(rig: Rig) -> None:
    client = await rig.workspace()
    rig.inbox.script |= {name: list(replies) for name, (replies, *_) in ANSWERS.items()}
    invoices = {name: await a_sent_invoice(client, f"{name}@kunde.example") for name in ANSWERS}

    await send_all(a_sender(rig.database, rig.inbox), times=4)

    for name, (_, status, told, arrived_count) in ANSWERS.items():
        assert await rig.statuses(client, invoices[name]) == [status], name
        timeline = await rig.timeline(client, invoices[name])
        assert [one for one in timeline if one != "invoice.sent"] == [f"delivery.{word}" for word in told]
        # A repetition has the same id, so that a server that has the first drops the second.
        mails = rig.inbox.of(name)
        assert len(mails) == arrived_count, name
        assert len({mail["Message-ID"] for mail in mails}) == min(1, arrived_count)
    assert await rig.failures() == {"failed", "bounced", "unknown"}


async def test_a_mail_server_that_is_slow_after_the_content_leaves_an_unknown(rig: Rig) -> None:
    client = await rig.workspace()
    rig.inbox.script["anna"] = ["slow"]
    invoice = await a_sent_invoice(client, "anna@kunde.example")

    await send_all(a_sender(rig.database, rig.inbox, SHORT_SECONDS, delays=(timedelta(hours=1),)))

    assert await rig.statuses(client, invoice) == ["unknown"]
    assert await rig.timeline(client, invoice) == ["delivery.queued", "delivery.unknown"]


async def test_a_workspaces_mails_share_a_connection_and_several_senders_share_the_work(rig: Rig) -> None:
    client = await rig.workspace()
    who = await a_contact(client, email="anna@kunde.example")
    invoices = [await an_invoice(client, contact_id=who["id"]) for _ in range(6)]
    ids = [invoice["id"] for invoice in invoices]
    reply = await client.post("/v1/invoices/send", json={"invoice_ids": [*ids, str(new_id())]})
    senders = [a_sender(rig.database, rig.inbox) for _ in range(3)]

    for sender in senders:
        await sender.step()
    for sender in senders:
        await send_all(sender)

    results = reply.json()["data"]
    assert [one["status"] for one in results] == [202] * 6 + [404]
    assert results[6]["error"]["code"] == "not_found"
    assert len(rig.inbox.mails) == len({mail["Message-ID"] for mail in rig.inbox.mails}) == 6
    assert rig.inbox.connection_count == 1


async def test_a_sender_that_is_killed_while_sending_leaves_an_unknown_that_is_repeated_once(
    rig: Rig, databases: Databases
) -> None:
    client = await rig.workspace()
    invoice = await a_sent_invoice(client, "anna@kunde.example")

    died = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.invoice.dying_sender",
        databases.worker_dsn("invoice"),
        str(rig.inbox.port),
        stdout=asyncio.subprocess.DEVNULL,
    )
    exit_code = await died.wait()
    before = await rig.statuses(client, invoice)
    async with rig.database.transaction() as tx:
        await tx.execute("UPDATE delivery SET next_attempt_at = now()")
    await send_all(a_sender(rig.database, rig.inbox), times=2)

    assert exit_code == -signal.SIGKILL
    assert before == ["sending"]
    assert await rig.statuses(client, invoice) == ["sent"]
    told = ["delivery.queued", "delivery.unknown", "invoice.sent", "delivery.sent"]
    assert await rig.timeline(client, invoice) == told
    assert len(rig.inbox.mails) == 2
    assert len({mail["Message-ID"] for mail in rig.inbox.mails}) == 1


async def test_whoever_lost_the_lease_stores_nothing(rig: Rig) -> None:
    client = await rig.workspace()
    invoice = await a_sent_invoice(client, "anna@kunde.example")
    async with rig.database.transaction() as tx:
        (stale,) = await due_deliveries.claim(
            tx, token=new_id(), lease=timedelta(0), workspace_count=1, count_each=1
        )
    await send_all(a_sender(rig.database, rig.inbox))

    with pytest.raises(LeaseLost):
        async with begin(rig.database) as unit:
            work = unit.within(stale.delivery.workspace_id, Clock())
            await attempts.conclude_attempt(work, stale.delivery, Outcome(Verdict.FAILED, "late"), ())
    with pytest.raises(LeaseLost):
        async with begin(rig.database) as unit:
            work = unit.within(stale.delivery.workspace_id, Clock())
            await attempts.begin_attempt(work, stale.delivery, timedelta(0))

    assert await rig.statuses(client, invoice) == ["sent"]
    assert len(rig.inbox.mails) == 1


async def test_a_mail_server_that_is_away_delays_what_is_queued(rig: Rig) -> None:
    client = await rig.workspace()
    invoices = [await a_sent_invoice(client, f"{name}@kunde.example") for name in ("anna", "bo")]

    await send_all(a_sender(rig.database))

    for invoice in invoices:
        (delivery,) = (await client.get(f"/v1/invoices/{invoice['id']}/deliveries")).json()["data"]
        assert (delivery["status"], delivery["failure_code"]) == ("failed", "channel_unreachable")
        assert delivery["attempt_count"] == 3


async def test_what_cannot_be_prepared_does_not_keep_the_others_at_home(rig: Rig) -> None:
    client = await rig.workspace()
    broken = await a_sent_invoice(client, "anna@kunde.example")
    whole = await a_sent_invoice(client, "bo@kunde.example")
    async with rig.database.transaction() as tx:
        await tx.execute("UPDATE invoice SET contact = '{}' WHERE id = $1", UUID(broken["id"]))

    await send_all(a_sender(rig.database, rig.inbox))

    async with rig.database.transaction() as tx:
        kept = await tx.fetchval("SELECT failure_code FROM delivery WHERE status = 'failed'")
    assert kept == "not_prepared"
    assert await rig.statuses(client, whole) == ["sent"]
