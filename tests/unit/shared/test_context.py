"""The trace that follows a request: W3C Trace Context."""

import re

import pytest

from shared.kernel import context

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
WELL_FORMED = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def test_a_child_keeps_the_trace_and_its_flags_and_has_a_span_of_its_own() -> None:
    child = context.child_traceparent(PARENT)

    assert WELL_FORMED.fullmatch(child)
    assert child[:36] == PARENT[:36]
    assert child[52:] == "-01"
    assert child != PARENT


def test_a_parent_that_is_not_sampled_has_children_that_are_not() -> None:
    assert context.child_traceparent(PARENT[:-2] + "00").endswith("-00")


@pytest.mark.parametrize(
    "parent",
    [
        None,
        "",
        "rubbish",
        PARENT.upper(),
        PARENT[:-1],
        f"{PARENT}-extra",
        PARENT.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32),
        PARENT.replace("00f067aa0ba902b7", "0" * 16),
        "ff" + PARENT[2:],
        PARENT + "\n",
    ],
)
def test_a_parent_that_is_none_begins_a_new_trace(parent: str | None) -> None:
    child = context.child_traceparent(parent)

    assert WELL_FORMED.fullmatch(child)
    assert child[3:35] != PARENT[3:35]
    assert child.endswith("-01")


def test_the_trace_id_is_that_of_the_current_trace() -> None:
    token = context.traceparent.set(PARENT)
    try:
        assert context.trace_id() == "4bf92f3577b34da6a3ce929d0e0e4736"
    finally:
        context.traceparent.reset(token)
    assert context.trace_id() is None
