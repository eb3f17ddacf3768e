"""The pull feed: which of its events are asked for, and what a piece of it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from services.webhook_delivery.event_types.domain import event_filter
from services.webhook_delivery.message_store.domain import StoredMessage
from shared.events.registry import TOPICS
from shared.kernel.errors import Invalid

LATEST = "latest"
WINDOW = 5_000
"""So many places are looked through for events of some types before an answer says where it stopped."""
_RESOURCES = frozenset(type_.partition(".")[0] for type_ in TOPICS)


class UnknownEventType(Invalid):
    """No event of this platform has this type, so that waiting for it would never end."""

    code = "unknown_event_type"


@dataclass(frozen=True, slots=True)
class FeedFilter:
    """Which events: of these types and of those that begin with these words (none of either: every one).

    `with_resends`: also what was sent again, in the places of those requests.
    """

    types: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    with_resends: bool = False

    @property
    def is_of_some_types(self) -> bool:
        return bool(self.types or self.prefixes)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A message in its place of the feed; a resend has a later place than the message itself."""

    message: StoredMessage
    position: int
    is_resend: bool = False


@dataclass(frozen=True, slots=True)
class FeedPiece:
    """Entries in their order, the place behind which to go on, and whether there is more already."""

    entries: Sequence[FeedEntry]
    next_position: int
    has_more: bool
    skipped_count: int = 0


def read_filter(types: Sequence[str], with_resends: bool) -> FeedFilter:
    """The filter of `types=a,b.*`, also given several times; raises Invalid naming what is none."""
    patterns = [pattern.strip() for text in types for pattern in text.split(",")]
    if len(patterns) > event_filter.MAX_PATTERNS:
        raise Invalid(f"At most {event_filter.MAX_PATTERNS} event types.", field="types")
    for pattern in patterns:
        _require_known(pattern)
    if event_filter.EVERYTHING in patterns:
        return FeedFilter(with_resends=with_resends)
    whole = tuple(sorted({pattern for pattern in patterns if not pattern.endswith(".*")}))
    prefixes = tuple(sorted({pattern[:-1] for pattern in patterns if pattern.endswith(".*")}))
    return FeedFilter(whole, prefixes, with_resends)


def _require_known(pattern: str) -> None:
    if not event_filter.is_pattern(pattern):
        raise event_filter.InvalidEventTypes(field="types")
    # What integrators publish themselves can have any other name.
    if pattern.partition(".")[0] in _RESOURCES and not event_filter.is_known(pattern, TOPICS):
        near = get_close_matches(pattern, TOPICS, 1)
        raise UnknownEventType(
            f"No event has the type {pattern}." + (f" Did you mean {near[0]}?" if near else ""), field="types"
        )
