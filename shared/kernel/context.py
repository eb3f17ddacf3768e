"""What follows one request everywhere, as context variables: its id and W3C trace, who asked and for whom."""

import random
import re
from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
SYSTEM = "system"
"""Who acts where nobody asked: consumers, workers, the clock."""
actor: ContextVar[str] = ContextVar("actor", default=SYSTEM)
clock_offset_ms: ContextVar[int] = ContextVar("clock_offset_ms", default=0)
workspace_name: ContextVar[str] = ContextVar("workspace_name", default="")

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def asking() -> str | None:
    """Who asked for what is done now; None where the platform does it by itself."""
    who = actor.get()
    return None if who == SYSTEM else who


def valid_traceparent(text: str | None) -> str | None:
    """The text if it is a traceparent (W3C Trace Context, version 00)."""
    return text if text and _TRACEPARENT.fullmatch(text) else None


def child_traceparent(parent: str | None) -> str:
    """A traceparent (W3C Trace Context, version 00) below `parent`, or the root of a new trace."""
    # Unlike each other is all that they must be, and nobody guards anything by them (Trace Context 7.2).
    span = f"{random.getrandbits(64) or 1:016x}"
    if parent and valid_traceparent(parent):
        return f"{parent[:36]}{span}{parent[52:]}"
    return f"00-{random.getrandbits(128) or 1:032x}-{span}-01"


def trace_id() -> str | None:
    """The trace's 32 hex digits, for log lines."""
    current = traceparent.get()
    return current[3:35] if current else None
