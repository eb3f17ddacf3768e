"""Logs: one JSON line per unit of work, with the request's id and trace, and no card numbers."""

import logging
import re
import sys
import time
from typing import TypeGuard

import structlog
from structlog.typing import EventDict, Processor

from shared.kernel import context
from shared.kernel.card_numbers import holds_card_number

# Longer than a hash in hexadecimal: a link's token, or a part of a JWT.
_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{65,}(?![A-Za-z0-9_-])")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Of several lines, and made here.
_OUR_OWN = frozenset({"exception", "event"})
# Written by the processors before: nothing of a caller's can be in there.
_MADE_HERE = frozenset({"timestamp", "level", "service", "trace_id"})
# Short values that were looked through and found harmless: routes, actors, workspaces come again and again.
_HARMLESS: set[str] = set()
MOST_HARMLESS = 4_096
LONGEST_HARMLESS = 64


def configure(service: str, level: str, style: str) -> None:
    """Set structlog and the standard library's logging up for this process."""
    number = logging.getLevelNamesMapping()[level]
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _about(service),
        structlog.processors.format_exc_info,
        _cleaned,
    ]
    last: Processor = structlog.processors.JSONRenderer()
    if style == "console":
        # Plain: where rich is installed, structlog's own choice prints local variables, tokens among them.
        last = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), pad_event_to=24, exception_formatter=structlog.dev.plain_traceback
        )
        shared.remove(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    _configure_libraries(shared, last)


def _configure_libraries(shared: list[Processor], last: Processor) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    handler.addFilter(_FewerRepeats())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def _about(service: str) -> Processor:
    def add(_: object, __: str, line: EventDict) -> EventDict:
        line["service"] = service
        if identity := context.request_id.get():
            line["request_id"] = identity
        if trace := context.trace_id():
            line["trace_id"] = trace
        return line

    return add


def _cleaned(logger: object, method: str, line: EventDict) -> EventDict:
    """What may be written: values without tokens, control characters and card numbers."""
    doubtful = {name: value for name, value in line.items() if name not in _MADE_HERE and _may_hold(value)}
    if not doubtful:
        return line
    clean = _without_card_numbers(logger, method, _without_secrets(logger, method, dict(doubtful)))
    for name, value in doubtful.items():
        if clean[name] is not value and clean[name] != value:
            line[name] = clean[name]
        elif _comes_again(name, value):
            _note_harmless(value)
    return line


def _may_hold(value: object) -> bool:
    if value is None or isinstance(value, int):
        return False
    return not isinstance(value, str) or value not in _HARMLESS


def _comes_again(name: str, value: object) -> TypeGuard[str]:
    # What is ours may have several lines; under another name they would be a caller's.
    is_short = isinstance(value, str) and len(value) <= LONGEST_HARMLESS
    return is_short and name != "request_id" and str(value).isprintable()


def _note_harmless(value: str) -> None:
    if len(_HARMLESS) >= MOST_HARMLESS:
        _HARMLESS.clear()
    _HARMLESS.add(value)


def _without_secrets(_: object, __: str, line: EventDict) -> EventDict:
    """Payers' links and users' tokens open something for whoever reads them; what was sent stays one line."""
    for name, value in line.items():
        if isinstance(value, str):
            masked = _TOKEN.sub("…", value)
            line[name] = masked if name in _OUR_OWN else _CONTROL.sub(_escape, masked)
    return line


def _escape(match: re.Match[str]) -> str:
    return f"\\x{ord(match.group()):02x}"


def _without_card_numbers(_: object, __: str, line: EventDict) -> EventDict:
    for name, value in line.items():
        if not isinstance(value, int) and holds_card_number(value if isinstance(value, str) else repr(value)):
            line[name] = "[removed: holds a card number]"
    return line


class _FewerRepeats(logging.Filter):
    """Lets a library's same message through once in ten seconds: aiokafka writes hundreds in an outage."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        place = (record.name, record.lineno)
        now = time.monotonic()
        if now - self._last.get(place, -60.0) < 10:
            return False
        self._last[place] = now
        return True
