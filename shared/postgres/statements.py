"""A span for each statement of a trace, without the values that it had."""

import functools
import re
import time
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanKind

from shared.kernel import attributes as names
from shared.kernel import context, tracing

if TYPE_CHECKING:
    from asyncpg.connection import LoggedQuery

_SHOWN = 1_000
_TEXT = re.compile(r"'(?:[^']|'')*'")
_NUMBER = re.compile(r"(?<![\w$.])\d+(?:\.\d+)?\b")
# A name before a parenthesis is a function's, but after INTO.
_TABLE = re.compile(r"\bINTO\s+([a-z_]+)|\b(?:FROM|UPDATE|USING)\s+([a-z_]+)\b(?!\s*\()")


def note_statement(query: "LoggedQuery") -> None:
    """Called by asyncpg after each statement, in the context of whoever asked."""
    parent = context.traceparent.get()
    if not tracing.is_sampled(parent):
        return
    ended_ns = time.time_ns()
    text = without_values(query.query)
    about: tracing.Attributes = {names.DATABASE_SYSTEM: "postgresql", names.DATABASE_STATEMENT: text[:_SHOWN]}
    times_ns = (ended_ns - int(query.elapsed * 1_000_000_000), ended_ns)
    tracing.record(summary(text), SpanKind.CLIENT, parent, times_ns, about, error=query.exception)


@functools.lru_cache(maxsize=1_024)
def without_values(statement: str) -> str:
    """The statement in one line, each value written in it (a workspace's id, say) replaced by `?`."""
    return " ".join(_NUMBER.sub("?", _TEXT.sub("?", statement)).split())


@functools.lru_cache(maxsize=1_024)
def summary(text: str) -> str:
    """What a statement does to which table: `SELECT invoice`."""
    verb = text.partition(" ")[0].rstrip(";").upper() or "SQL"
    match = _TABLE.search(text)
    return f"{verb} {match.group(1) or match.group(2)}" if match else verb
