"""The form for a new key: what its choices amount to, and what is wrong with them."""

from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.console.api.key_form import KeyForm
from services.gateway.console.edge.sessions import Form
from services.gateway.workspaces import domain as workspace_rules
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id

WORKSPACE, _ = workspace_rules.create("acme", "Acme", "live", "Europe/Amsterdam", "EUR")


def a_form(*scopes: str, principal_scopes: frozenset[str] = frozenset({"*"}), **fields: str) -> KeyForm:
    values = {"name": "Shop", "access": "chosen", "expiry": "never", "expires_on": "", **fields}
    sent = Form({"scopes": list(scopes), **{name: [value] for name, value in values.items()}})
    return KeyForm.read(sent, WORKSPACE, Principal(new_id(), "user:ada", principal_scopes))


@pytest.mark.parametrize(
    ("access", "scopes"),
    [("full", ["*"]), ("read", ["*:read"]), ("chosen", ["invoices:read", "payments:write"])],
)
def test_each_kind_of_access_has_its_scopes(access: str, scopes: list[str]) -> None:
    form = a_form("invoices:read", "payments:write", "invoices:read", access=access)

    assert form.errors == {}
    assert list(form.scopes) == scopes


def test_a_key_lives_until_the_end_of_its_last_day_in_the_workspaces_zone() -> None:
    form = a_form("invoices:read", expiry="on", expires_on="2199-07-01")

    assert form.errors == {}
    assert form.expires_at == datetime(2199, 7, 1, 22, tzinfo=UTC)


def test_a_number_of_days_counts_from_now() -> None:
    form = a_form("invoices:read", expiry="90")

    assert form.expires_at is not None
    assert timedelta(0) <= datetime.now(UTC) + timedelta(days=90) - form.expires_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("field", "fields", "told"),
    [
        ("name", {"name": "  "}, "Give the key a name"),
        ("name", {"name": "x" * 201}, "at most 200 characters"),
        ("name", {"name": "two\nlines"}, "on one line"),
        ("access", {"access": ""}, "Choose what the key may do."),
        ("access", {"access": "everything"}, "Choose what the key may do."),
        ("expiry", {"expiry": ""}, "Choose when the key expires."),
        ("expiry", {"expiry": "91"}, "Choose when the key expires."),
        ("expiry", {"expiry": "on"}, "Enter the key’s last day."),
        ("expiry", {"expiry": "on", "expires_on": "tomorrow"}, "Enter the key’s last day."),
        ("expiry", {"expiry": "on", "expires_on": "2020-02-01"}, "That day has passed."),
        ("expiry", {"expiry": "on", "expires_on": "9999-12-31"}, "That is too far away"),
    ],
)
def test_a_fault_is_told_at_its_field(field: str, fields: dict[str, str], told: str) -> None:
    form = a_form("invoices:read", **fields)

    assert list(form.errors) == [field]
    assert told in form.errors[field]


def test_scopes_must_exist_and_be_ones_own_to_give() -> None:
    own = frozenset({"invoices:*", "api-keys:write"})

    assert a_form().errors == {"access": "Choose at least one scope."}
    assert a_form("invoices:delete").errors == {"access": "One of these scopes does not exist."}
    assert a_form("*").errors == {"access": "One of these scopes does not exist."}
    assert a_form("invoices:read", principal_scopes=own).errors == {}
    assert "payments:read" in a_form("payments:read", principal_scopes=own).errors["access"]
    assert "scope *," in a_form(access="full", principal_scopes=own).errors["access"]
    assert "scope *:read" in a_form(access="read", principal_scopes=own).errors["access"]
