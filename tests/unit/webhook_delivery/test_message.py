"""Messages: what integrators hear, byte for byte."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.webhook_delivery.message_store import domain as rules
from shared.events import envelope
from shared.events.payment import CreditBalanceData, CreditBalanceUpdated
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from tests.unit.webhook_delivery.builders import NOW


def an_event() -> CreditBalanceUpdated:
    data = CreditBalanceData(
        id=new_id(),
        version=3,
        created_at=NOW,
        updated_at=NOW,
        contact_id=new_id(),
        currency="EUR",
        amount_minor=250,
    )
    return CreditBalanceUpdated.of(new_id(), data)


def test_an_event_becomes_type_timestamp_and_data() -> None:
    event = an_event()

    message = rules.message_of_event(envelope.read(event.type, event.encode()))

    body = json.loads(message.body)
    assert list(body) == ["type", "timestamp", "sequence", "data"]
    assert (body["type"], body["data"]["amount_minor"]) == ("credit_balance.updated", 250)
    assert datetime.fromisoformat(body["timestamp"]) == NOW
    assert (message.source_event_id, message.sequence) == (str(event.id), 3_000)


def test_numbers_of_a_custom_message_keep_every_digit() -> None:
    data = {"rate": Decimal("0.1234567890123456789"), "text": "é"}

    message = rules.new_message(new_id(), "order.packed", data, NOW)

    assert '"rate":0.1234567890123456789,"text":"é"' in message.body.decode()


def test_the_same_content_later_is_the_same_message_and_other_content_is_not() -> None:
    workspace_id = new_id()

    def of(amount: int, at: datetime) -> rules.Message:
        return rules.new_message(workspace_id, "order.packed", {"amount": amount}, at, event_id="one")

    first, again, other = of(1, NOW), of(1, NOW + timedelta(hours=1)), of(2, NOW)

    assert again.body_sha == first.body_sha
    assert other.body_sha != first.body_sha


def test_a_message_of_more_than_256_kilobytes_is_refused() -> None:
    with pytest.raises(rules.MessageTooLarge) as caught:
        rules.new_message(new_id(), "order.packed", {"text": "x" * 262_144}, NOW)

    assert caught.value.errors[0].pointer == "/data"


def test_the_time_of_creation_is_inside_the_id() -> None:
    before = datetime.now(UTC)

    created_at = rules.created_at_of(new_id())

    assert before - timedelta(milliseconds=1) <= created_at <= datetime.now(UTC)
    assert rules.created_at_of(UUID("00000000-03e8-7000-8000-000000000000")).timestamp() == 1


def test_a_message_is_found_by_its_id_and_by_its_webhook_id() -> None:
    message_id = new_id()

    assert rules.id_of(str(message_id)) == rules.id_of(rules.webhook_id_of(message_id)) == message_id
    with pytest.raises(NotFound):
        rules.id_of("msg_nothing")


@pytest.mark.parametrize(
    "type_", ["invoice.paid", "invoice.of_tomorrow", "webhook_endpoint.test", "message.exhausted"]
)
def test_what_the_platform_says_cannot_be_forged(type_: str) -> None:
    with pytest.raises(rules.ReservedEventType) as caught:
        rules.new_message(new_id(), type_, {}, NOW)

    assert caught.value.errors[0].pointer == "/event_type"
