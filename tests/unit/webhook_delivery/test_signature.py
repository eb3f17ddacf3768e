"""Signatures by Standard Webhooks: its own test vectors, and its own library as the judge."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from services.webhook_delivery.deliveries.domain import signature
from services.webhook_delivery.deliveries.domain.request import build_request, loggable
from services.webhook_delivery.endpoints.domain import secret as secret_rules
from services.webhook_delivery.endpoints.domain.target import Target
from tests.unit.webhook_delivery.builders import a_delivery, a_target, an_endpoint

VECTORS = [
    (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
    (
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        1649367553,
        b'{"email":"test@example.com","username":"test_user"}',
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
    ),
]


@pytest.mark.parametrize("secret, webhook_id, timestamp, body, expected", VECTORS)
def test_the_published_vectors_come_out(
    secret: str, webhook_id: str, timestamp: int, body: bytes, expected: str
) -> None:
    key = base64.b64decode(secret.removeprefix("whsec_"))

    assert signature.sign(key, webhook_id, timestamp, body) == expected


@given(st.text(max_size=200))
def test_the_official_library_accepts_every_request(text: str) -> None:
    target = a_target()
    delivery = a_delivery(target, body=f'{{"type":"a","data":{{"text":{_quoted(text)}}}}}'.encode())

    request = build_request(target, delivery, datetime.now(UTC))

    assert Webhook(target.secrets[0].text).verify(request.body, dict(request.headers))


def test_every_live_secret_signs_while_receivers_change_over() -> None:
    now = datetime.now(UTC)
    old = secret_rules.generate(now - timedelta(days=9))
    new = secret_rules.generate(now)
    revoked = secret_rules.Secret(old.id, b"x" * 32, old.created_at, now - timedelta(seconds=1))
    kept = [*secret_rules.rotate([old], new, timedelta(hours=24)), revoked]

    request = build_request(Target(an_endpoint(), kept), a_delivery(), now)

    assert request.headers["webhook-signature"].count("v1,") == 2
    for secret in (old, new):
        Webhook(secret.text).verify(request.body, dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(revoked.text).verify(request.body, dict(request.headers))


def test_a_retry_is_signed_at_its_own_time_under_the_same_id() -> None:
    target = a_target()
    delivery = a_delivery(target)
    now = datetime.now(UTC)

    first, later = (
        build_request(target, delivery, now),
        build_request(target, delivery, now + timedelta(hours=10)),
    )

    assert first.headers["webhook-id"] == later.headers["webhook-id"]
    assert int(later.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 36_000
    assert "." not in first.headers["webhook-id"]


def test_the_log_holds_neither_signature_nor_the_endpoints_own_headers() -> None:
    target = a_target(headers={"Authorization": "Bearer hidden"})
    request = build_request(target, a_delivery(target), datetime.now(UTC))

    logged = loggable(target, request)

    assert "hidden" in request.headers["Authorization"]
    assert logged["Authorization"] == logged["webhook-signature"] == "(hidden)"
    assert logged["webhook-id"] == request.headers["webhook-id"]


def _quoted(text: str) -> str:
    return json.dumps(text)
