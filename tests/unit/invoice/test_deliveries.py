"""What becomes of a delivery, attempt by attempt."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoice.sandbox.channels import SandboxChannel
from services.invoice.sending.channels.channel import Message
from services.invoice.sending.channels.mail import MailSender, build_mail
from services.invoice.sending.channels.sms import _outcome
from services.invoice.sending.domain import channel_setting, sendable
from services.invoice.sending.domain import delivery as rules
from services.invoice.sending.domain.channel_setting import ChannelSetting, ChannelSettingEdit, SendingTools
from services.invoice.sending.domain.delivery import (
    Delivery,
    DeliveryRequest,
    DeliveryStatus,
    DeliveryUnderWay,
    Outcome,
    Verdict,
)
from shared.kernel.addresses import Egress
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.key_ring import KeyRing
from tests.unit.invoice.builders import an_invoice

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
DELAYS = (timedelta(seconds=60), timedelta(seconds=300))
RING = KeyRing.parse(f"k1:{'A' * 43}=")


def a_delivery(channel: Any = "email", **changes: Any) -> Delivery:
    """A queued one."""
    made = sendable.new_delivery(an_invoice(), channel, "anna@kunde.example", DeliveryRequest([channel]), NOW)
    return replace(made, **changes)


def attempted(delivery: Delivery, verdict: Verdict) -> rules.DeliveryChange:
    """After an attempt that came to this."""
    return rules.conclude(rules.begin(delivery, NOW), Outcome(verdict, "code", "said"), NOW, DELAYS)


def test_surely_failed_attempts_are_repeated_until_the_delays_run_out() -> None:
    steps, delivery = [], a_delivery()

    for _ in range(3):
        step = attempted(delivery, Verdict.TEMPORARY)
        delivery = step.delivery
        steps.append((delivery.status, step.delay, step.happened))

    assert steps == [
        (DeliveryStatus.QUEUED, DELAYS[0], ("delayed",)),
        (DeliveryStatus.QUEUED, DELAYS[1], ("delayed",)),
        (DeliveryStatus.FAILED, None, ("failed",)),
    ]


def test_an_unheard_mail_is_repeated_once_and_an_unheard_sms_never() -> None:
    first = attempted(a_delivery(), Verdict.UNKNOWN)
    second = attempted(first.delivery, Verdict.UNKNOWN)
    sms = attempted(a_delivery("sms"), Verdict.UNKNOWN)

    assert [(one.delivery.status, one.delay) for one in (first, second, sms)] == [
        (DeliveryStatus.UNKNOWN, DELAYS[0]),
        (DeliveryStatus.UNKNOWN, None),
        (DeliveryStatus.UNKNOWN, None),
    ]


@pytest.mark.parametrize(
    "status", [DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.SENT, DeliveryStatus.CANCELED]
)
def test_only_what_ended_without_arriving_is_tried_again(status: DeliveryStatus) -> None:
    delivery = a_delivery(status=status, next_attempt_at=None)

    with pytest.raises(DeliveryUnderWay):
        rules.retry(delivery, delivery.recipient, NOW)

    failed = a_delivery(status=DeliveryStatus.FAILED, attempt_count=8, unknown_count=1)
    assert rules.retry(failed, failed.recipient, NOW).delivery.attempt_count == 0


@given(st.lists(st.sampled_from(Verdict), max_size=12))
def test_whatever_happens_a_delivery_ends_and_is_sent_at_most_twice_unheard(verdicts: list[Verdict]) -> None:
    delivery, unknown_count = a_delivery(), 0

    for verdict in verdicts:
        step = attempted(delivery, verdict)
        unknown_count += verdict is Verdict.UNKNOWN
        assert step.delivery.version > delivery.version
        assert (step.delay is None) == (
            step.delivery.status not in (DeliveryStatus.QUEUED, DeliveryStatus.UNKNOWN)
        ) or (step.delivery.status is DeliveryStatus.UNKNOWN)
        delivery = step.delivery
        if step.delay is None:
            break

    assert unknown_count <= rules.MAX_UNANSWERED
    assert delivery.attempt_count <= len(DELAYS) + rules.MAX_UNANSWERED + 1


def test_a_reminder_by_hand_is_never_the_formal_notice_by_itself() -> None:
    assert [sendable.next_reminder_level(set(levels)) for levels in ((), (0,), (0, 1), (2,), (3,))] == [
        1,
        1,
        2,
        2,
        2,
    ]


def test_nobody_can_add_a_header_to_a_mail() -> None:
    evil = "Anna\r\nBcc: everybody@example.com\r\n\r\nHello"
    message = Message(new_id(), "anna@münchen.example", evil, "de", "text", evil, business_name=evil)

    head = build_mail(message, MailSender("billing@platform.example")).split(b"\r\n\r\n")[0]

    assert b"\r\nBcc" not in head
    assert b"\nBcc" not in head
    assert b"<anna@xn--mnchen-3ya.example>" in head


@pytest.mark.parametrize(
    ("recipient", "verdict"),
    [
        ("anna@kunde.example", Verdict.DELIVERED),
        ("bounce@kunde.example", Verdict.BOUNCED),
        ("Bounce+x@kunde.example", Verdict.BOUNCED),
        ("fail@kunde.example", Verdict.FAILED),
        ("delay@kunde.example", Verdict.TEMPORARY),
        ("unknown@kunde.example", Verdict.UNKNOWN),
        ("+31612345678", Verdict.DELIVERED),
        ("+31600000002", Verdict.BOUNCED),
        ("+31600000005", Verdict.UNKNOWN),
    ],
)
async def test_a_sandboxs_recipient_says_how_it_goes(recipient: str, verdict: Verdict) -> None:
    message = Message(new_id(), recipient, "Anna", "en", "text")

    assert (await SandboxChannel().send(message)).verdict is verdict


@pytest.mark.parametrize(
    ("status", "said", "verdict"),
    [
        (201, {"sid": "SM1"}, Verdict.SENT),
        (200, {}, Verdict.UNKNOWN),
        (400, {"code": 21211}, Verdict.BOUNCED),
        (400, {"code": 21617}, Verdict.FAILED),
        (401, {}, Verdict.TEMPORARY),
        (429, {}, Verdict.TEMPORARY),
        (500, {}, Verdict.UNKNOWN),
        (503, {"code": 20503}, Verdict.UNKNOWN),
    ],
)
def test_what_twilio_answers_decides(status: int, said: dict[str, Any], verdict: Verdict) -> None:
    assert _outcome(status, said).verdict is verdict


def a_setting(**fields: Any) -> ChannelSetting:
    """A mail server's setting."""
    usual = {
        "host": "mail.example.com",
        "port": 587,
        "security": "starttls",
        "username": "anna",
        "secret": "pa55",
        "sender_email": "anna@example.com",
    }
    options = {**usual, **fields}
    edit = ChannelSettingEdit(secret=options.pop("secret"), options=options)
    tools = SendingTools(RING, Egress())
    return channel_setting.new_setting(new_id(), "smtp", "live", edit, now=NOW, tools=tools)


def test_a_password_is_readable_at_its_own_place_alone() -> None:
    setting, other = a_setting(), a_setting()

    assert setting.secret(RING) == "pa55"
    assert b"pa55" not in (setting.secret_encrypted or b"")
    with pytest.raises(Exception, match="cannot be decrypted"):
        replace(other, secret_encrypted=setting.secret_encrypted).secret(RING)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"host": "127.0.0.1"}, "host"),
        ({"host": "169.254.169.254"}, "host"),
        ({"host": "::1"}, "host"),
        ({"security": "none"}, "security"),
        ({"secret": None}, "username"),
        ({"sender_email": "nobody"}, "sender_email"),
        ({"account_sid": "AC1"}, "account_sid"),
    ],
)
def test_a_mail_server_that_cannot_be_used_is_refused(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        a_setting(**fields)

    assert refused.value.errors[0].pointer == f"/{field}"
