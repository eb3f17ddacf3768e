"""SMS over HTTP, to a server that answers as Twilio does, or not at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import encode_basic_auth, web

from services.invoice.sending.channels.channel import Message
from services.invoice.sending.channels.sms import SmsAccount, SmsChannel
from services.invoice.sending.domain.delivery import Outcome, Verdict
from shared.kernel.ids import new_id

SID = "AC" + "0" * 32


@asynccontextmanager
async def a_twilio() -> AsyncIterator[tuple[str, list[dict[str, str]]]]:
    """Its address, and the forms that it was sent."""
    forms: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        forms.append({**form, "as": request.headers["authorization"]})
        if form["To"].endswith("9"):
            assert request.transport is not None
            request.transport.abort()
        if form["To"].endswith("1"):
            return web.json_response({"code": 21211, "message": "Invalid 'To'"}, status=400)
        return web.json_response({"sid": "SM123", "status": "queued"}, status=201)

    app = web.Application()
    app.router.add_post(f"/2010-04-01/Accounts/{SID}/Messages.json", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", forms
    finally:
        await runner.cleanup()


async def sent(base: str, number: str, sender: str = "+15005550006") -> Outcome:
    """What sending a text to this number comes to."""
    channel = SmsChannel(SmsAccount(SID, "t0ken", sender, base, 5))
    await channel.open()
    try:
        return await channel.send(Message(new_id(), number, "Anna", "en", "Hei på deg"))
    finally:
        await channel.close()


async def test_a_text_goes_out_once_and_what_is_not_heard_is_unknown() -> None:
    async with a_twilio() as (base, forms):
        accepted = await sent(base, "+4790000000")
        by_service = await sent(base, "+4790000000", "MG" + "0" * 32)
        bounced = await sent(base, "+4790000001")
        unheard = await sent(base, "+4790000009")
    away = await sent(base, "+4790000000")

    assert accepted == Outcome(Verdict.SENT, reference="SM123")
    assert forms[0] == {
        "To": "+4790000000",
        "From": "+15005550006",
        "Body": "Hei på deg",
        "as": encode_basic_auth(SID, "t0ken"),
    }
    assert by_service.verdict is Verdict.SENT
    assert forms[1]["MessagingServiceSid"].startswith("MG")
    assert [one.verdict for one in (bounced, unheard, away)] == [
        Verdict.BOUNCED,
        Verdict.UNKNOWN,
        Verdict.TEMPORARY,
    ]
    assert len(forms) == 4
