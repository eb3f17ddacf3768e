"""An endpoint's life: its status, its health."""

from datetime import timedelta

import pytest

from services.webhook_delivery.endpoints.domain import endpoint as rules
from services.webhook_delivery.endpoints.domain.endpoint import EndpointEdit, EndpointStatus
from shared.kernel.addresses import Egress
from shared.kernel.errors import IllegalMove, Invalid
from tests.unit.webhook_delivery.builders import NOW, an_endpoint, settings_of

DAY = timedelta(days=1)


def test_a_change_makes_the_next_version_and_leaves_the_rest() -> None:
    endpoint = an_endpoint(description="mine")

    changed = rules.change(endpoint, EndpointEdit(event_types=["invoice.*"]), Egress(), NOW + DAY)

    assert (changed.version, changed.updated_at) == (2, NOW + DAY)
    assert (changed.event_types, changed.description) == (("invoice.*",), "mine")


def test_a_change_is_checked_like_a_creation() -> None:
    with pytest.raises(Invalid):
        rules.change(an_endpoint(), EndpointEdit(url="https://127.0.0.1/"), Egress(), NOW)


@pytest.mark.parametrize("field", ["url", "event_types", "headers"])
def test_a_creation_names_the_field_that_is_wrong(field: str) -> None:
    wrong = {"url": "nowhere", "event_types": ["!"], "headers": {"host": "x"}}[field]

    with pytest.raises(Invalid) as caught:
        rules.create(an_endpoint().workspace_id, settings_of(**{field: wrong}), Egress(), NOW)

    assert caught.value.errors[0].pointer.startswith(f"/{field}")


def test_a_disabled_endpoint_says_why_and_is_enabled_with_a_clean_record() -> None:
    disabled = rules.disable(rules.note_failure(an_endpoint(), NOW), "no longer used", NOW)
    enabled = rules.enable(disabled, NOW + DAY)

    assert (disabled.status, disabled.disabled_reason) == (EndpointStatus.DISABLED, "no longer used")
    assert not disabled.takes_deliveries
    assert (enabled.status, enabled.disabled_reason, enabled.failing_since) == (
        EndpointStatus.ENABLED,
        None,
        None,
    )
    assert enabled.failure_count == 0


def test_a_status_does_not_follow_itself() -> None:
    with pytest.raises(IllegalMove):
        rules.enable(an_endpoint(), NOW)
    with pytest.raises(IllegalMove):
        rules.disable(rules.disable(an_endpoint(), "x", NOW), "x", NOW)


def test_a_success_forgets_failures() -> None:
    endpoint = rules.note_success(rules.note_failure(an_endpoint(), NOW), NOW)

    assert (endpoint.failing_since, endpoint.failure_count) == (None, 0)


def test_five_days_of_nothing_but_failures_disable() -> None:
    endpoint = an_endpoint()
    for number in range(10):
        endpoint = rules.note_failure(endpoint, NOW + number * DAY / 2)
    assert endpoint.takes_deliveries

    endpoint = rules.note_failure(endpoint, NOW + 5 * DAY)

    assert (endpoint.status, endpoint.disabled_reason) == (EndpointStatus.DISABLED, "failing")


def test_a_few_failures_do_not_disable_however_long_ago_the_first_was() -> None:
    endpoint = rules.note_failure(rules.note_failure(an_endpoint(), NOW), NOW + 30 * DAY)

    assert endpoint.takes_deliveries


def test_gone_disables_at_once_and_only_once() -> None:
    gone = rules.note_gone(an_endpoint(), NOW)

    assert (gone.status, gone.disabled_reason) == (EndpointStatus.DISABLED, "gone")
    assert rules.note_gone(gone, NOW) == gone


def test_the_longest_pause_asked_for_holds() -> None:
    endpoint = rules.note_failure(an_endpoint(), NOW, NOW + 2 * DAY)
    endpoint = rules.note_failure(endpoint, NOW, NOW + DAY)

    assert endpoint.paused_until == NOW + 2 * DAY
