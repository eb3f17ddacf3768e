"""Amounts and webhooks, by the cases that every SDK has in common, and against the reference library."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from billing_sdk import Webhook, errors, money
from billing_sdk._generated import models
from standardwebhooks.webhooks import Webhook as Reference

from sdks.python.tests.conftest import load

MONEY = load("money")
WEBHOOKS = load("webhooks")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"type":"invoice.paid","data":{"id":"x"}}'


@pytest.mark.parametrize("case", MONEY["both_ways"])
def test_an_amount_is_the_same_both_ways(case: Any) -> None:
    assert str(money.to_decimal(case["minor"], case["currency"])) == case["amount"]
    assert money.to_minor(case["amount"], case["currency"]) == case["minor"]


@pytest.mark.parametrize("case", MONEY["to_minor"])
def test_an_amount_becomes_minor_units(case: Any) -> None:
    assert money.to_minor(case["amount"], case["currency"]) == case["minor"]
    assert money.to_minor(Decimal(case["amount"]), case["currency"]) == case["minor"]


@pytest.mark.parametrize("case", MONEY["refused"])
def test_what_is_no_amount_is_refused(case: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        money.to_minor(case["amount"], case["currency"])


def test_a_float_is_no_amount() -> None:
    with pytest.raises(TypeError, match="float"):
        money.to_minor(1.1, "EUR")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="int"):
        money.to_decimal(1.0, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize("case", WEBHOOKS, ids=[case["name"] for case in WEBHOOKS])
def test_a_webhook_is_believed_or_not(case: Any) -> None:
    webhook = Webhook(case["secrets"])
    tolerance = case.get("tolerance", 300)
    wanted = case["result"]

    if "error" in wanted:
        with pytest.raises(getattr(errors, wanted["error"])):
            webhook.verify(case["body"].encode(), case["headers"], tolerance=tolerance, now=case["now"])
        return
    event: Any = webhook.verify(case["body"].encode(), case["headers"], tolerance=tolerance, now=case["now"])

    assert event.type == wanted["type"]
    data = event["data"].to_dict() if isinstance(event["data"], models.Model) else event["data"]
    assert wanted.get("data", {}).items() <= data.items()
    assert type(event) is models.EVENTS.get(wanted["type"], models.UnknownEvent)


def test_ours_verifies_with_the_reference_and_the_reference_with_ours() -> None:
    ours = Webhook(SECRET).sign(BODY, "msg_1")
    assert Reference(SECRET).verify(BODY, ours) == json.loads(BODY)

    now = datetime.now(timezone.utc)
    signature = Reference(SECRET).sign("msg_1", now, BODY.decode())
    theirs = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    assert Webhook(SECRET).verify(BODY, theirs).type == "invoice.paid"


def test_while_a_secret_takes_anothers_place_both_sign() -> None:
    other = "whsec_" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
    signed = Webhook([other, SECRET]).sign(BODY, "msg_1")

    assert Webhook(SECRET).verify(BODY, signed)
    assert Webhook(other).verify(BODY, signed)


@pytest.mark.parametrize("body", ['{"type":"x"}', {"type": "x"}, None])
def test_only_raw_bytes_are_verified(body: Any) -> None:
    with pytest.raises(TypeError, match="raw bytes"):
        Webhook(SECRET).verify(body, {})


@pytest.mark.parametrize("secret", ["whsec_", "", "whsec_not base64!", []])
def test_what_is_no_secret_is_refused_without_being_shown(secret: Any) -> None:
    with pytest.raises(ValueError, match="secret") as refused:
        Webhook(secret)
    assert "not base64" not in str(refused.value)
