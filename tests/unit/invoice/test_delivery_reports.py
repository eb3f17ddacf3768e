"""Reports of deliveries as mail servers and providers write them, and as somebody hostile would."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoice.sending.domain.delivery_report import DeliveryReport, ReportedState, ReportUnreadable
from services.invoice.sending.providers import bounce_mail, mail_reports, sns
from shared.kernel.ids import new_id

ID = UUID("019d7a2f-8f00-7000-8000-000000000001")
MESSAGE_ID = f"<{ID}@platform.example>"
TO = "anna@kunde.example"


def a_bounce(
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "smtp; 550 5.1.1 Nobody here",
    original: str | None = f"rfc822; {TO}",
    returned: str = "message/rfc822",
    message_id: str | None = MESSAGE_ID,
) -> bytes:
    """A report as Postfix writes it."""
    of_original = f"Original-Recipient: {original}\r\n" if original else ""
    head = f"Message-ID: {message_id}\r\n" if message_id else ""
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: billing@platform.example\r\nSubject: Undelivered\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\nArrival-Date: Sat, 11 Apr 2026 09:00:00 +0000\r\n\r\n"
        f"Final-Recipient: rfc822; someone@elsewhere.example\r\n{of_original}"
        f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: {said}\r\n\r\n"
        f"--b\r\nContent-Type: {returned}\r\n\r\n{head}Subject: Invoice\r\n\r\nText\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize(
    "action, status, state",
    [
        ("failed", "5.1.1", ReportedState.BOUNCED),
        ("failed", "5.1.10", ReportedState.BOUNCED),
        ("failed", "5.2.1", ReportedState.BOUNCED),
        ("failed", "5.0.0", ReportedState.BOUNCED),
        ("failed", "5", ReportedState.BOUNCED),
        # A full mailbox and a refused content say nothing against the address.
        ("failed", "5.2.2", ReportedState.FAILED),
        ("failed", "5.7.1", ReportedState.FAILED),
        ("Failed", "4.4.7", ReportedState.FAILED),
        ("failed", "", ReportedState.FAILED),
        ("delayed", "4.4.1", ReportedState.DELAYED),
        ("delivered", "2.0.0", ReportedState.DELIVERED),
    ],
)
def test_a_bounce_mail_says_what_became_of_ours(action: str, status: str, state: ReportedState) -> None:
    [report] = bounce_mail.read_bounce(a_bounce(action, status), "message/rfc822")

    assert (report.state, report.delivery_id, report.recipient) == (state, ID, TO)
    assert report.words == "550 5.1.1 Nobody here"


def test_our_mail_is_known_by_its_id_wherever_the_report_has_it() -> None:
    in_head = a_bounce(returned="text/rfc822-headers", original=None)
    referred = a_bounce(message_id=None).replace(
        b"Subject: Und", f"In-Reply-To: {MESSAGE_ID}\r\nSubject: Und".encode()
    )
    by_recipient = a_bounce(message_id=None, original=None)
    content = a_bounce()
    parts = content[content.index(b"\r\n\r\n") + 4 :]

    # Where it is passed on to is an address of another.
    assert _found(in_head) == (ID, None)
    assert _found(referred) == (ID, TO)
    assert _found(by_recipient) == (None, "someone@elsewhere.example")
    [of_parts] = bounce_mail.read_bounce(parts, 'multipart/report; boundary="b"')
    assert of_parts.delivery_id == ID
    assert bounce_mail.read_bounce(a_bounce("relayed", "2.1.9"), "message/rfc822") == []


@pytest.mark.parametrize(
    "content, content_type",
    [
        (b"", "message/rfc822"),
        (b"Subject: Out of office\r\n\r\nBack on Monday", "message/rfc822"),
        (b"\xff" * 1000, "message/rfc822"),
        (a_bounce(), "application/json"),
        (a_bounce(), "multipart/report"),
        (b"x" * (bounce_mail.MAX_BYTES + 1), "message/rfc822"),
        (
            b"Content-Type: multipart/report; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 5_000,
            "message/rfc822",
        ),
        (
            b"".join(
                b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2_000)
            ),
            "message/rfc822",
        ),
        (b"Content-Type: message/rfc822\r\n\r\n" * 2_000, "message/rfc822"),
        (b"Content-Type: message/delivery-status\r\n\r\nAction: failed", "message/rfc822"),
    ],
)
def test_what_is_no_bounce_mail_is_refused(content: bytes, content_type: str) -> None:
    with pytest.raises(ReportUnreadable):
        bounce_mail.read_bounce(content, content_type)


@given(st.binary(max_size=300), st.integers(0, 900), st.integers(0, 40))
def test_no_damage_to_a_bounce_mail_is_more_than_unreadable(noise: bytes, at: int, length: int) -> None:
    content = a_bounce()
    damaged = content[:at] + noise + content[at + length :]

    try:
        found = bounce_mail.read_bounce(damaged, "message/rfc822")
    except ReportUnreadable:
        return
    for report in found:
        assert "\x00" not in report.words
        report.words.encode()


def a_postmark(**fields: Any) -> dict[str, Any]:
    return {"Metadata": {"delivery": str(ID)}, "MessageID": str(new_id()), "Email": TO, **fields}


def a_ses(kind: str, **fields: Any) -> dict[str, Any]:
    mail = {"messageId": "0100", "destination": [TO], "commonHeaders": {"messageId": MESSAGE_ID}}
    inner = {"notificationType": kind, "mail": mail, **fields}
    return {"Type": "Notification", "MessageId": "m", "Message": json.dumps(inner)}


def a_mailgun(event: str, **fields: Any) -> dict[str, Any]:
    headers = {"headers": {"message-id": MESSAGE_ID.strip("<>")}}
    return {"event": event, "id": "e1", "recipient": TO, "message": headers, **fields}


_BOUNCED = {
    "bounceType": "Permanent",
    "feedbackId": "f1",
    "bouncedRecipients": [{"emailAddress": TO, "diagnosticCode": "smtp; 550 Nobody"}],
}
PROVIDERS: list[tuple[str, dict[str, Any], ReportedState, str]] = [
    (
        "postmark",
        a_postmark(RecordType="Bounce", Type="HardBounce", ID=42, Details="550 Nobody"),
        ReportedState.BOUNCED,
        "550 Nobody",
    ),
    (
        "postmark",
        a_postmark(RecordType="Bounce", Type="SoftBounce", ID=43, Details="full"),
        ReportedState.FAILED,
        "full",
    ),
    (
        "postmark",
        a_postmark(RecordType="Bounce", Type="Transient", ID=44),
        ReportedState.DELAYED,
        "Transient",
    ),
    (
        "postmark",
        a_postmark(RecordType="Delivery", Recipient=TO, DeliveredAt="2026-04-11T09:00:00Z", Details="250 OK"),
        ReportedState.DELIVERED,
        "250 OK",
    ),
    ("ses", a_ses("Bounce", bounce=_BOUNCED), ReportedState.BOUNCED, "smtp; 550 Nobody"),
    (
        "ses",
        a_ses("Bounce", bounce={**_BOUNCED, "bounceType": "Transient"}),
        ReportedState.FAILED,
        "smtp; 550 Nobody",
    ),
    (
        "ses",
        a_ses("Delivery", delivery={"recipients": [TO], "timestamp": "t", "smtpResponse": "250 ok"}),
        ReportedState.DELIVERED,
        "250 ok",
    ),
    (
        "ses",
        a_ses(
            "DeliveryDelay",
            deliveryDelay={
                "delayType": "MailboxFull",
                "timestamp": "t",
                "delayedRecipients": [{"emailAddress": TO}],
            },
        ),
        ReportedState.DELAYED,
        "MailboxFull",
    ),
    ("ses", a_ses("Reject", reject={"reason": "Bad content"}), ReportedState.FAILED, "Bad content"),
    (
        "mailgun",
        a_mailgun("delivered", **{"delivery-status": {"message": "OK"}}),
        ReportedState.DELIVERED,
        "OK",
    ),
    (
        "mailgun",
        a_mailgun("failed", severity="permanent", **{"delivery-status": {"message": "550 No"}}),
        ReportedState.BOUNCED,
        "550 No",
    ),
    (
        "mailgun",
        a_mailgun("failed", severity="temporary", reason="generic"),
        ReportedState.DELAYED,
        "generic",
    ),
    ("mailgun", a_mailgun("rejected", reject={"reason": "spam"}), ReportedState.FAILED, "spam"),
]


@pytest.mark.parametrize("name, body, state, words", PROVIDERS)
def test_each_providers_webhook_says_the_same(
    name: str, body: dict[str, Any], state: ReportedState, words: str
) -> None:
    event = sns.message_of(body) if name == "ses" else body

    [report] = mail_reports.read_event(name, event)

    assert (report.state, report.delivery_id, report.words) == (state, ID, words)
    assert report.recipient in (TO, None)
    assert mail_reports.read_event(name, event) == [report]


def test_events_that_tell_of_no_end_say_nothing() -> None:
    assert mail_reports.read_event("mailgun", a_mailgun("opened")) == []
    assert mail_reports.read_event("postmark", {"RecordType": "Open"}) == []
    assert mail_reports.read_event("ses", {"eventType": "Click"}) == []
    assert mail_reports.read_event("mailgun", a_mailgun("failed", severity="of tomorrow")) == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(PROVIDERS), st.data())
def test_no_hostile_body_is_more_than_unreadable(
    one: tuple[str, dict[str, Any], ReportedState, str], data: Any
) -> None:
    name, body, _, _ = one
    event = sns.message_of(body) if name == "ses" else dict(body)
    for key in data.draw(st.lists(st.sampled_from(sorted(event)), max_size=4)):
        event[key] = data.draw(_JSON)

    try:
        found = mail_reports.read_event(name, event)
    except ReportUnreadable:
        return
    assert all(isinstance(report, DeliveryReport) and report.fingerprint for report in found)


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b'{"a":', b"[" * 100_000, b"\xff", b'"x"'])
def test_a_body_that_is_no_object_is_refused(text: bytes) -> None:
    with pytest.raises(ReportUnreadable):
        mail_reports.parse_object(text)


def _found(content: bytes) -> tuple[UUID | None, str | None]:
    [report] = bounce_mail.read_bounce(content, "message/rfc822")
    return report.delivery_id, report.recipient
