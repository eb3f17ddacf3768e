"""The story's webhook endpoint believes only what is signed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook

from deploy.local.listener import Listener, listening
from deploy.local.ports import free_port

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"type":"invoice.paid","data":{"id":"1"}}'


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with listening(free_port()) as listener:
        listener.secret = SECRET
        yield listener


async def deliver(listener: Listener, signed_with: str) -> int:
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(signed_with).sign("msg_1", now, BODY),
    }
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.post(listener.url, content=BODY, headers=headers)).status_code


async def test_a_signed_delivery_is_taken(listener: Listener) -> None:
    status = await deliver(listener, signed_with=SECRET)

    delivery = await listener.wait_for(lambda event: event["type"] == "invoice.paid", timeout_seconds=1)
    assert status == 204
    assert delivery.body["data"]["id"] == "1"


async def test_a_delivery_with_another_signature_is_refused(listener: Listener) -> None:
    status = await deliver(listener, signed_with="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")

    assert status == 401
    assert (listener.refused_count, listener.received) == (1, [])


async def test_waiting_for_what_never_comes_ends(listener: Listener) -> None:
    with pytest.raises(TimeoutError):
        await listener.wait_for(lambda event: True, timeout_seconds=0.05)
