"""Who is believed about deliveries: signatures, passwords, Amazon's confirmation, and Twilio's forms."""

import base64
import hashlib
import hmac
from uuid import UUID

import pytest

from services.invoice.sending.domain.delivery_report import ReportedState, ReportUnreadable
from services.invoice.sending.providers import report_signatures, sns, twilio_status

ID = UUID("019d7a2f-8f00-7000-8000-000000000001")


def test_a_subscription_is_confirmed_at_amazon_alone() -> None:
    good = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:x&Token=1"
    assert sns.confirmation_of({"SubscribeURL": good}) == good
    for bad in (
        good.replace("https:", "http:"),
        good.replace("amazonaws.com/", "amazonaws.com.evil.example/"),
        good.replace("sns.", "evil.example/sns."),
        good.replace("https://", "https://u@169.254.169.254/"),
        good.replace("ConfirmSubscription", "Publish"),
        good + "\r\nHost: x",
        7,
        None,
    ):
        with pytest.raises(ReportUnreadable):
            sns.confirmation_of({"SubscribeURL": bad})


def test_twilios_signature_is_that_of_its_documentation() -> None:
    form = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]
    url, signature = "https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="

    assert report_signatures.is_signed_by_twilio(url, form, signature, "12345")
    assert report_signatures.is_signed_by_twilio(url, form[::-1], signature, "12345")
    for other in (
        (url + "3", form, signature, "12345"),
        (url, form[1:], signature, "12345"),
        (url, form, signature, "12346"),
        (url, form, "", "12345"),
        (url, form, "é", "12345"),
    ):
        assert not report_signatures.is_signed_by_twilio(*other)


def test_mailguns_signature_and_secrets_in_headers() -> None:
    signed = {"timestamp": "1529006854", "token": "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0"}
    text = (signed["timestamp"] + signed["token"]).encode()
    signature = {**signed, "signature": hmac.new(b"key", text, hashlib.sha256).hexdigest()}
    assert report_signatures.is_signed_by_mailgun(signature, "key")
    for bad in (
        {**signature, "token": "b"},
        signed,
        {**signature, "signature": 7},
        None,
        [],
        {**signature, "timestamp": "é"},
    ):
        assert not report_signatures.is_signed_by_mailgun(bad, "key")
    basic = base64.b64encode(b"anyone:s3cret:with colon").decode()
    assert report_signatures.has_secret(f"Basic {basic}", "s3cret:with colon")
    assert report_signatures.has_secret("bearer s3cret", "s3cret")
    for wrong in ("", "s3cret", "Bearer", "Bearer s3cret2", "Basic s3cret", "Basic ====", f"Digest {basic}"):
        assert not report_signatures.has_secret(wrong, "s3cret")


@pytest.mark.parametrize(
    "status, code, state",
    [
        ("delivered", "", ReportedState.DELIVERED),
        ("undelivered", "30003", ReportedState.BOUNCED),
        ("undelivered", "30008", ReportedState.FAILED),
        ("failed", "21610", ReportedState.BOUNCED),
        ("sent", "", None),
        ("queued", "", None),
    ],
)
def test_twilio_says_how_it_ended(status: str, code: str, state: ReportedState | None) -> None:
    found = twilio_status.read_status({"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": code}, ID)

    assert [one.state for one in found] == ([state] if state else [])


def test_a_form_that_is_none_is_refused() -> None:
    for content in (b"\xff=1", b"a=%ff", b"&".join([b"a=1"] * 101)):
        with pytest.raises(ReportUnreadable):
            twilio_status.parse_form(content)
    with pytest.raises(ReportUnreadable):
        twilio_status.read_status({}, None)
