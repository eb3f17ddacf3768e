"""Which event types an endpoint wants: exact ones, `*`, or whole leading segments as `invoice.*`."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Generic, TypeVar

from shared.kernel.errors import FieldError, Invalid

T = TypeVar("T")
EVERYTHING = "*"
MAX_PATTERNS = 100
MAX_TYPE_LENGTH = 128
TYPE_FORM = r"[a-z0-9_]+(?:\.[a-z0-9_]+)*"
_PATTERN = re.compile(rf"\*|{TYPE_FORM}(?:\.\*)?")


class InvalidEventTypes(Invalid):
    """Event types are names such as invoice.paid, whole leading segments such as invoice.*, or *."""

    code = "invalid_event_types"


def check_patterns(patterns: Sequence[str]) -> tuple[str, ...]:
    """The patterns without repetitions; raises InvalidEventTypes naming each that is none."""
    if not patterns:
        raise InvalidEventTypes("Name at least one event type, or *.", field="event_types")
    wrong = [
        FieldError(f"/event_types/{index}", InvalidEventTypes.__doc__ or "")
        for index, pattern in enumerate(patterns)
        if not is_pattern(pattern)
    ]
    if wrong:
        raise InvalidEventTypes(errors=tuple(wrong))
    return tuple(dict.fromkeys(patterns))


def is_pattern(text: str) -> bool:
    """Whether this is a type, whole leading segments of one and `.*`, or `*`."""
    return len(text) <= MAX_TYPE_LENGTH and _PATTERN.fullmatch(text) is not None


def wants(patterns: Iterable[str], event_type: str) -> bool:
    """Whether one of the patterns is this type's."""
    filters: PatternIndex[bool] = PatternIndex()
    filters.add(patterns, True)
    return bool(filters.matching(event_type))


def warnings(patterns: Iterable[str], types: Collection[str]) -> list[str]:
    """What is odd about each pattern that none of the platform's event types has: it may be one's own."""
    return [_warning(pattern, types) for pattern in patterns if not is_known(pattern, types)]


def is_known(pattern: str, types: Collection[str]) -> bool:
    """Whether one of these types is meant by the pattern."""
    if not pattern.endswith(EVERYTHING):
        return pattern in types
    return any(type_.startswith(pattern[:-1]) for type_ in types)


def _warning(pattern: str, types: Collection[str]) -> str:
    prefixes = {f"{type_.partition('.')[0]}.*" for type_ in types}
    near = get_close_matches(pattern, [*types, *prefixes], 1)
    meant = f" Did you mean {near[0]}?" if near else ""
    return f"{pattern} is no event type of the platform: only messages of your own can have it.{meant}"


@dataclass(slots=True)
class PatternIndex(Generic[T]):
    """Takers by what they want, so that a type finds its takers without asking each of them."""

    by_type: dict[str, list[T]] = field(default_factory=dict)
    by_prefix: dict[str, list[T]] = field(default_factory=dict)

    def add(self, patterns: Iterable[str], taker: T) -> None:
        """Note what the taker wants."""
        for pattern in patterns:
            if pattern.endswith(EVERYTHING):
                # "invoice.*" stands under "invoice", "*" under the empty prefix.
                self.by_prefix.setdefault(pattern[:-2], []).append(taker)
            else:
                self.by_type.setdefault(pattern, []).append(taker)

    def matching(self, event_type: str) -> list[T]:
        """Everyone who wants this type, each once."""
        takers = list(self.by_type.get(event_type, ()))
        takers += self.by_prefix.get("", ())
        prefix = event_type.rpartition(".")[0]
        while prefix:
            takers += self.by_prefix.get(prefix, ())
            prefix = prefix.rpartition(".")[0]
        return list(dict.fromkeys(takers))
