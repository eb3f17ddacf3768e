"""Attempts to tell integrators, between the facts of an invoice's timeline."""

from typing import Any

import pytest

from services.gateway.canonical.api import timeline

ID = "019d7a2f-8f00-7000-8000-000000000001"
PATH = f"/v1/invoices/{ID}/events"


def a_fact(sequence: int, name: str, at: str) -> dict[str, Any]:
    return {"sequence": sequence, "type": name, "occurred_at": f"2026-11-30T{at}Z"}


def an_attempt(version: int, at: str, state: str = "delivered", **fields: Any) -> dict[str, Any]:
    facts = {"reason": None, "error": None, "status": 200, **fields}
    return timeline.entry(
        {"resource_version": version, "at": f"2026-11-30T{at}Z", "state": state, "number": 1, **facts}
    )


FACTS = [
    a_fact(1, "invoice.created", "10:00:00"),
    a_fact(2, "invoice.issued", "10:00:05"),
    a_fact(2, "delivery.sent", "10:00:09"),
    a_fact(3, "invoice.paid", "11:00:00"),
]


def names(entries: list[Any]) -> list[str]:
    return [one["type"] for one in entries]


def test_attempts_stand_where_they_happened() -> None:
    attempts = [
        an_attempt(3, "11:00:01"),
        an_attempt(2, "10:00:05.5", "pending"),
        an_attempt(2, "10:00:10"),
        an_attempt(1, "10:00:00.3"),
    ]

    merged = timeline.merge(FACTS, attempts, is_on_real_time=True)

    assert names(merged) == [
        *("invoice.created", "webhook.delivered", "invoice.issued", "webhook.delayed", "delivery.sent"),
        *("webhook.delivered", "invoice.paid", "webhook.delivered"),
    ]
    assert [one for one in merged if "webhook" not in one] == FACTS


def test_in_a_sandbox_they_stand_behind_the_facts_of_their_version() -> None:
    attempts = [an_attempt(2, "09:00:00"), an_attempt(7, "09:00:01")]

    merged = timeline.merge(FACTS, attempts, is_on_real_time=False)

    assert names(merged) == [
        *("invoice.created", "invoice.issued", "delivery.sent", "webhook.delivered", "invoice.paid"),
        "webhook.delivered",
    ]


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ("delivered", "webhook.delivered"),
        ("pending", "webhook.delayed"),
        ("exhausted", "webhook.failed"),
        ("of tomorrow", "webhook.failed"),
    ],
)
def test_an_attempt_says_how_it_went(state: str, name: str) -> None:
    entry = an_attempt(2, "10:00:00", state, status=None, error="tls", reason="certificate_expired")

    assert (entry["type"], entry["detail"]) == (name, "certificate_expired")
    assert (entry["webhook"]["state"], entry["webhook"]["number"]) == (state, 1)
    assert not {"at", "resource_version"} & entry["webhook"].keys()


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", PATH, b"include=webhooks", ID),
        ("GET", PATH, b"include=%77ebhooks&include=webhooks", ID),
        ("GET", "/v1/invoices/2026-0042/events", b"include=webhooks", "2026-0042"),
        ("GET", PATH, b"", None),
        ("GET", PATH, b"include=webhooks&include=x", None),
        ("GET", PATH, b"q=webhooks", None),
        ("POST", PATH, b"include=webhooks", None),
        ("GET", PATH + "/x", b"include=webhooks", None),
        ("GET", f"/v1/quotes/{ID}/events", b"include=webhooks", None),
        ("GET", "/v1/invoices/../events", b"include=webhooks", None),
    ],
)
def test_only_an_invoices_timeline_has_them(
    method: str, path: str, query: bytes, expected: str | None
) -> None:
    assert timeline.with_webhooks(method, path, query) == expected
