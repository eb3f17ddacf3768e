"""Every event type has a scope that reads it; what lacks it is withheld, and no endpoint hears more."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.gateway.keys.domain.scopes import KNOWN
from services.webhook_delivery.event_types.domain.scopes import (
    SCOPES,
    lacking_scope,
    require_scopes,
    scope_of,
    withhold_data,
)
from services.webhook_delivery.message_store.domain import StoredMessage, new_message
from shared.events.registry import TOPICS
from shared.http.internal_auth import Principal
from shared.kernel.errors import Forbidden
from shared.kernel.ids import new_id


def a_message(event_type: str, subject: str | None) -> StoredMessage:
    message = new_message(new_id(), "own.type", {"name": "x"}, datetime.now(UTC))
    return replace(message.at(1), event_type=event_type, ordering_key=subject)


def may(*scopes: str) -> Any:
    return Principal(new_id(), "key", frozenset(scopes)).may


@pytest.mark.parametrize("event_type", TOPICS)
def test_every_event_type_has_a_scope_that_a_key_can_have(event_type: str) -> None:
    assert event_type.partition(".")[0] in SCOPES
    scope = scope_of(event_type, is_of_platform=True)
    message = a_message(event_type, "subject")

    assert scope in KNOWN
    assert lacking_scope(message, may("webhooks:read", scope)) is None
    assert lacking_scope(message, may("webhooks:read", "*:read")) is lacking_scope(message, may("*")) is None
    others = KNOWN - {scope, scope.replace("read", "write")} | {"webhooks:read"}
    assert lacking_scope(message, may(*others)) == (None if scope == "webhooks:read" else scope)


def test_a_table_row_stands_for_an_event_that_there_is() -> None:
    assert set(SCOPES) == {one.partition(".")[0] for one in TOPICS}


def test_own_messages_are_read_and_resources_of_tomorrow_only_by_who_reads_all() -> None:
    assert lacking_scope(a_message("order.packed", None), may("webhooks:read")) is None
    assert lacking_scope(a_message("mandate.signed", "subject"), may("webhooks:read")) == "*:read"
    assert lacking_scope(a_message("mandate.signed", "subject"), may("*:read")) is None


def test_what_is_withheld_keeps_its_envelope_alone() -> None:
    body = b'{"type":"a.b","timestamp":"2026-01-01T00:00:00Z","sequence":3,"data":{"x":{"data":{}}}}'

    assert withhold_data(body, "invoices:read") == (
        b'{"type":"a.b","timestamp":"2026-01-01T00:00:00Z","sequence":3,"data":null,'
        b'"lacking_scope":"invoices:read"}'
    )


@pytest.mark.parametrize(
    "patterns, scopes, missing",
    [
        (["invoice.paid"], ["webhooks:write"], "invoices:read"),
        (["invoice.*"], ["contacts:read"], "invoices:read"),
        (["invoice.*", "contact.created"], ["invoices:read"], "contacts:read"),
        (["payment.*"], ["payments:*"], None),
        (["*"], sorted(KNOWN), "*:read"),
        (["*"], ["*:read"], None),
        (["*"], ["*"], None),
        (["order.*", "order.packed", "invoices.*", "invoice.payd"], ["webhooks:write"], None),
        (["webhook_endpoint.*", "message.exhausted"], ["webhooks:write"], None),
        (["workspace.*"], ["webhooks:write"], "business:read"),
    ],
)
def test_an_endpoint_takes_the_scopes_of_what_it_hears(
    patterns: list[str], scopes: list[str], missing: str | None
) -> None:
    if missing is None:
        require_scopes(patterns, may(*scopes))
        return
    with pytest.raises(Forbidden) as refused:
        require_scopes(patterns, may(*scopes))
    assert missing in str(refused.value)
