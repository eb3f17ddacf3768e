"""Which endpoints hear of which events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.webhook_delivery.event_types.domain import event_filter as rules
from services.webhook_delivery.event_types.domain.event_filter import (
    InvalidEventTypes,
    PatternIndex,
    check_patterns,
)

MATCHES = [
    (["invoice.paid"], "invoice.paid", True),
    (["invoice.paid"], "invoice.paid.late", False),
    (["invoice.paid"], "invoice", False),
    (["*"], "invoice.paid", True),
    (["*"], "x", True),
    (["invoice.*"], "invoice.paid", True),
    (["invoice.*"], "invoice.line.created", True),
    (["invoice.*"], "invoice", False),
    (["invoice.*"], "invoices.paid", False),
    (["invoice.line.*"], "invoice.paid", False),
    (["payment.*", "invoice.paid"], "payment.created", True),
    (["credit_note.issued"], "credit_note.issued", True),
]
segment = st.from_regex(r"[a-z0-9_]{1,8}", fullmatch=True)


@pytest.mark.parametrize("patterns, event_type, expected", MATCHES)
def test_a_filter_takes_whole_segments(patterns: list[str], event_type: str, expected: bool) -> None:
    filters: PatternIndex[str] = PatternIndex()
    filters.add(check_patterns(patterns), "endpoint")

    assert filters.matching(event_type) == (["endpoint"] if expected else [])


def test_an_endpoint_that_matches_twice_hears_once() -> None:
    filters: PatternIndex[str] = PatternIndex()
    filters.add(["*", "invoice.*", "invoice.paid"], "one")
    filters.add(["invoice.paid"], "other")

    assert sorted(filters.matching("invoice.paid")) == ["one", "other"]


@given(st.lists(segment, min_size=1, max_size=4), st.lists(segment, min_size=1, max_size=4))
def test_a_prefix_matches_exactly_what_begins_with_its_segments(prefix: list[str], name: list[str]) -> None:
    filters: PatternIndex[str] = PatternIndex()
    filters.add([".".join(prefix) + ".*"], "endpoint")

    is_taken = bool(filters.matching(".".join(name)))

    assert is_taken == (len(name) > len(prefix) and name[: len(prefix)] == prefix)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "**",
        "*.paid",
        "invoice*",
        "invoice.*.paid",
        "invoice.",
        ".paid",
        "Invoice.paid",
        "a b",
        "x" * 129,
        "invoice.paid\n",
    ],
)
def test_a_pattern_of_another_form_is_refused_by_its_place(pattern: str) -> None:
    with pytest.raises(InvalidEventTypes) as caught:
        check_patterns(["invoice.paid", pattern])

    assert [error.pointer for error in caught.value.errors] == ["/event_types/1"]


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(InvalidEventTypes):
        check_patterns([])


@pytest.mark.parametrize(
    "pattern, meant",
    [
        ("invoice.payd", "invoice.paid"),
        ("invoice", "invoice.*"),
        ("nonsense.*", None),
        ("invoices.*", "invoice.*"),
        ("order.packed", None),
    ],
)
def test_patterns_of_no_known_type_are_warned_of(pattern: str, meant: str | None) -> None:
    (warning,) = rules.warnings([pattern], ["invoice.paid", "invoice.voided", "payment.created"])

    assert warning.startswith(f"{pattern} is no event type of the platform")
    assert warning.endswith("?") == bool(meant)
    if meant:
        assert f"Did you mean {meant}?" in warning


def test_known_patterns_are_not_warned_of() -> None:
    assert rules.warnings(["*", "invoice.*", "invoice.paid"], ["invoice.paid"]) == []
