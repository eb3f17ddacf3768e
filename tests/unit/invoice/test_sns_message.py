"""Messages of Amazon SNS: what is signed, by whom, of which topic and when; nothing else is believed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from services.invoice.sending.domain.delivery_report import ReportUnreadable
from services.invoice.sending.domain.sns_message import Unproven, read, require_signed
from tests.unit.invoice.sns_builders import (
    CERTIFICATE_URL,
    HOST,
    SUBSCRIBE_URL,
    TOPIC,
    a_certificate,
    a_confirmation,
    a_notification,
    a_signer,
    at,
)

NOW = datetime.now(UTC)
# Early also for a test that runs long after this module was read.
LATE, EARLY = at(NOW - timedelta(minutes=91)), at(NOW + timedelta(hours=3))
Envelope = dict[str, Any]


def believed(envelope: Envelope, certificate: bytes | None = None) -> bool:
    message = read(envelope, datetime.now(UTC))
    assert message.certificate_url == CERTIFICATE_URL
    require_signed(message, certificate or a_signer().certificate, datetime.now(UTC))
    return True


@pytest.mark.parametrize("version", ["1", "2"])
def test_what_amazon_signs_is_believed(version: str) -> None:
    sign = a_signer().sign

    assert believed(sign(a_notification({"notificationType": "Bounce"}), version))
    assert believed(sign(a_notification("Zeile\nÜ €", Subject="Amazon SES"), version))
    assert believed(sign(a_confirmation(), version))
    assert believed(sign(a_confirmation(Type="UnsubscribeConfirmation"), version))
    assert believed({**sign(a_notification("x"), version), "Subject": None, "UnsubscribeURL": "https://x"})


@pytest.mark.parametrize("field", ["Message", "MessageId", "Subject", "Timestamp", "TopicArn"])
def test_what_was_changed_on_its_way_is_not(field: str) -> None:
    envelope = a_signer().sign(a_notification("Hi", Subject="s"), "2")
    other = {
        "TopicArn": TOPIC.replace("bounces", "others"),
        "Timestamp": at(datetime.now(UTC) - timedelta(minutes=1)),
    }

    with pytest.raises(Unproven, match="signature"):
        believed({**envelope, field: other.get(field, "another")})
    with pytest.raises(Unproven, match="signature"):
        believed({name: value for name, value in envelope.items() if name != "Subject"})


@pytest.mark.parametrize("field", ["SubscribeURL", "Token", "Message"])
def test_nor_is_a_changed_confirmation(field: str) -> None:
    envelope = a_signer().sign(a_confirmation())

    with pytest.raises(Unproven, match="signature"):
        believed({**envelope, field: "another"})


def test_a_signature_of_another_key_or_version_is_not() -> None:
    envelope = a_signer().sign(a_notification("Hi"))

    for other in (
        a_signer("sns.eu-west-1.amazonaws.com").sign(a_notification("Hi")),
        {**envelope, "SignatureVersion": "2"},
        {**envelope, "Signature": ""},
        {**envelope, "Signature": "AAAA"},
    ):
        with pytest.raises(Unproven, match="signature"):
            believed(other)


@pytest.mark.parametrize("name", ["sns.amazonaws.com", "sns-signing.eu-south-1.amazonaws.com", HOST])
def test_a_certificate_is_one_of_sns(name: str) -> None:
    assert believed(a_signer(name).sign(a_notification("Hi")), a_signer(name).certificate)


@pytest.mark.parametrize(
    "name",
    [
        *("evil.example", "amazonaws.com", "s3.amazonaws.com", "sns.amazonaws.com.evil.example"),
        *("snsx.amazonaws.com", "xsns.amazonaws.com", "sns.amazonaws.computer"),
    ],
)
def test_a_certificate_of_anybody_else_is_not(name: str) -> None:
    signer = a_signer(name)

    with pytest.raises(Unproven, match="not one of Amazon SNS"):
        believed(signer.sign(a_notification("Hi")), signer.certificate)


def test_a_certificate_that_has_ended_or_is_weak_or_none_is_not() -> None:
    ended, weak = a_signer(ends_in_days=-1), a_signer(bits=1024)
    curve = a_certificate("sns.amazonaws.com", ec.generate_private_key(ec.SECP256R1()))
    envelope = ended.sign(a_notification("Hi"))

    for certificate, words in (
        (ended.certificate, "not valid now"),
        (curve, "2048"),
        (b"<html>", "no certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "no certificate"),
    ):
        with pytest.raises(Unproven, match=words):
            believed(envelope, certificate)
    with pytest.raises(Unproven, match="2048"):
        believed(weak.sign(a_notification("Hi")), weak.certificate)


@pytest.mark.parametrize(
    "url",
    [
        CERTIFICATE_URL.replace("https", "http"),
        CERTIFICATE_URL.replace("eu-west-1", "us-east-1"),
        CERTIFICATE_URL.replace("amazonaws.com", "amazonaws.com.evil.example"),
        CERTIFICATE_URL.replace("amazonaws.com", "amazonaws.com.cn"),
        CERTIFICATE_URL.replace("sns.", "evil.example/sns."),
        CERTIFICATE_URL.replace("//", "//u@"),
        CERTIFICATE_URL.replace(".com/", ".com:8443/"),
        CERTIFICATE_URL.replace("/Simple", "/../Simple"),
        CERTIFICATE_URL.replace(".pem", ".pem/x"),
        CERTIFICATE_URL.replace("SimpleNotificationService", "bucket"),
        "https://169.254.169.254/SimpleNotificationService-0.pem",
        "https://[::1/SimpleNotificationService-0.pem",
        SUBSCRIBE_URL,
        "",
    ],
)
def test_a_certificate_is_fetched_from_the_topics_region_alone(url: str) -> None:
    with pytest.raises(Unproven, match="SigningCertURL"):
        read({**a_signer().sign(a_notification("Hi")), "SigningCertURL": url}, datetime.now(UTC))


def test_nothing_but_its_address_is_asked_for() -> None:
    for more in ("?x=1", "#x", "?"):
        envelope = {**a_signer().sign(a_notification("Hi")), "SigningCertURL": CERTIFICATE_URL + more}

        assert read(envelope, datetime.now(UTC)).certificate_url == CERTIFICATE_URL


def test_each_partition_has_its_own_host() -> None:
    topic = "arn:aws-cn:sns:cn-north-1:123456789012:bounces"
    url = CERTIFICATE_URL.replace(HOST, "sns.cn-north-1.amazonaws.com.cn")
    envelope = {**a_signer().sign(a_notification("Hi", TopicArn=topic)), "SigningCertURL": url}

    message = read(envelope, datetime.now(UTC))

    assert (message.host, message.certificate_url) == ("sns.cn-north-1.amazonaws.com.cn", url)


@pytest.mark.parametrize("timestamp", [LATE, EARLY], ids=["too late", "too early"])
def test_a_message_that_was_kept_is_not_believed(timestamp: str) -> None:
    envelope = a_signer().sign(a_notification("Hi", Timestamp=timestamp))

    with pytest.raises(Unproven, match="not of now"):
        believed(envelope)


CHANGES: dict[str, Callable[[Envelope], object]] = {
    "no type": lambda one: one.pop("Type"),
    "another type": lambda one: one.update(Type="Publish"),
    "a topic that is none": lambda one: one.update(TopicArn="arn:aws:sqs:eu-west-1:123456789012:bounces"),
    "a topic with more lines": lambda one: one.update(TopicArn=TOPIC + "\n"),
    "no time": lambda one: one.update(Timestamp="yesterday"),
    "a time that is none": lambda one: one.update(Timestamp="2026-02-30T00:00:00.000Z"),
    "a time of elsewhere": lambda one: one.update(Timestamp="2026-02-20T00:00:00.000+01:00"),
    "a version of tomorrow": lambda one: one.update(SignatureVersion="3"),
    "a signature that is none": lambda one: one.update(Signature="é"),
    "half a character": lambda one: one.update(Message="\ud800"),
    "a message that is no text": lambda one: one.update(Message={"a": 1}),
    "a subject that is no text": lambda one: one.update(Subject=7),
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_envelope_without_its_form_is_unreadable(name: str) -> None:
    envelope = a_signer().sign(a_notification("Hi"))
    CHANGES[name](envelope)

    with pytest.raises(ReportUnreadable):
        read(envelope, datetime.now(UTC))


SIGNED = a_signer().sign(a_confirmation())


@given(st.dictionaries(st.sampled_from(sorted(SIGNED)), st.text() | st.none() | st.integers(), max_size=3))
def test_no_envelope_is_more_than_unreadable_or_unproven(changes: Envelope) -> None:
    try:
        message = read({**SIGNED, **changes}, datetime.now(UTC))
        require_signed(message, a_signer().certificate, datetime.now(UTC))
    except (ReportUnreadable, Unproven):
        return
    assert {**SIGNED, **changes} == SIGNED
