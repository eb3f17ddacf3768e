"""What may happen to a workspace, and what is told of it."""

from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.workspaces import domain as rules
from services.gateway.workspaces.domain import Workspace, WorkspaceEdit
from shared.events.workspace import WorkspaceCreated, WorkspaceUpdated
from shared.kernel.clock import ClockMovesBackwards
from shared.kernel.money import UnknownCurrency


def a_workspace(mode: str = "sandbox", **changes: object) -> Workspace:
    made, _ = rules.create("acme", "Acme", mode, "Europe/Amsterdam", "EUR")  # type: ignore[arg-type]
    return rules.replace(made, **changes)  # type: ignore[arg-type]


def test_a_new_workspace_has_its_event() -> None:
    workspace, event = rules.create("acme", "Acme", "live", "Europe/Paris", "SEK")

    assert isinstance(event, WorkspaceCreated)
    assert event.workspace_id == event.subject == workspace.id
    assert event.sequence == workspace.version == 1
    assert (event.data.zone, event.data.currency, event.data.clock_offset_ms) == ("Europe/Paris", "SEK", 0)


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../etc/passwd", "", "europe/paris"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(rules.UnknownZone) as caught:
        rules.create("acme", "Acme", "live", zone, "EUR")

    assert caught.value.errors[0].pointer == "/zone"


@pytest.mark.parametrize("currency", ["XXX", "EURO", "eur"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        rules.create("acme", "Acme", "live", "Europe/Paris", currency)


def test_an_edit_is_told_once_and_nothing_is_told_of_no_edit() -> None:
    workspace = a_workspace()

    edited, event = rules.edit(workspace, WorkspaceEdit(name="New"))
    same, nothing = rules.edit(edited, WorkspaceEdit(name="New", currency="EUR"))

    assert isinstance(event, WorkspaceUpdated)
    assert (edited.name, edited.version, event.sequence, event.data.name) == ("New", 2, 2, "New")
    assert same is edited
    assert nothing is None


def test_a_sandbox_reaches_the_instant_that_it_is_moved_to() -> None:
    target = datetime.now(UTC) + timedelta(days=400, microseconds=7)

    advanced, updated, moved = rules.advance_clock(a_workspace(), target)

    assert target <= advanced.clock.now() < target + timedelta(seconds=5)
    assert advanced.version == updated.sequence == moved.sequence == 2
    assert moved.data.clock_offset_ms == advanced.clock_offset_ms
    assert moved.time >= target


def test_a_clock_moves_forward_from_where_it_is() -> None:
    workspace = a_workspace(clock_offset_ms=86_400_000)

    with pytest.raises(ClockMovesBackwards) as caught:
        rules.advance_clock(workspace, datetime.now(UTC) + timedelta(hours=23))

    assert caught.value.errors[0].pointer == "/to"


def test_a_clock_stays_where_dates_work() -> None:
    with pytest.raises(rules.TooFarAhead):
        rules.advance_clock(a_workspace(), rules.LATEST_INSTANT)


def test_a_live_clock_does_not_move() -> None:
    with pytest.raises(rules.NotASandbox):
        rules.advance_clock(a_workspace("live"), datetime.now(UTC) + timedelta(days=1))


def test_allowed_origins_are_kept_once_each_until_others_are_given() -> None:
    pages = ["https://shop.example", "https://a.example"]

    allowed, event = rules.edit(a_workspace(), WorkspaceEdit(allowed_origins=[*pages, pages[0]]))
    renamed, _ = rules.edit(allowed, WorkspaceEdit(name="New"))
    closed, _ = rules.edit(renamed, WorkspaceEdit(allowed_origins=[]))

    assert event is not None
    assert event.data.allowed_origins == pages
    assert (renamed.allowed_origins, closed.allowed_origins) == (tuple(pages), ())
