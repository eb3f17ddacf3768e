"""What the running period is charged for, piece by piece: so a change may count from any instant of it.

A place in the period is the share of it that is left there, so days and microseconds can be compared.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from services.subscription_renewal.subscriptions.domain import proration
from services.subscription_renewal.subscriptions.domain.line import Lines
from services.subscription_renewal.subscriptions.domain.proration import Basis, Rest, Segment
from services.subscription_renewal.subscriptions.domain.subscription import Subscription

MAX_SEGMENTS = 100


@dataclass(frozen=True, slots=True)
class Recharged:
    """What other lines from a place in the period on come to, and the pieces after it."""

    at: datetime
    credits: Lines
    charges: Lines
    segments: tuple[Segment, ...]
    changes_from_at: datetime | None


def earliest(subscription: Subscription) -> datetime | None:
    """The instant before which no change of the running period may count; null where none runs."""
    start, since = subscription.current_period_start, subscription.changes_from_at
    return max(start, since) if start and since else start


def recharge(subscription: Subscription, lines: Lines, at: datetime, basis: Basis) -> Recharged:
    """Charge the running period with these lines from `at` on.

    What goes back is what was charged for that time, whatever it was changed to meanwhile, and never more.
    From where the period is charged with these lines already nothing changes.
    """
    pieces, rest = _pieces(subscription), _rest(subscription, at, basis, _pieces(subscription)[0])
    ends = [_rest_at(subscription, piece) for piece in pieces[1:]] + [None]
    touched = [(one, end) for one, end in zip(pieces, ends, strict=True) if not end or end.share < rest.share]
    while touched and touched[0][0].lines == lines:
        _, end = touched.pop(0)
        rest, at = (end, touched[0][0].at) if end else (rest, at)
    if not touched:
        return Recharged(at, (), (), subscription.segments, subscription.changes_from_at)
    credits = [
        line
        for piece, end in touched
        for line in proration.credits_of(
            piece.lines, min(rest, _rest_at(subscription, piece), key=_share), subscription.arithmetic, end
        )
    ]
    kept = [piece for piece in pieces if _rest_at(subscription, piece).share > rest.share]
    new = Segment(at, rest.left, rest.whole, lines)
    after = tuple(kept) if kept and kept[-1].lines == lines else (*kept, new)
    return Recharged(
        at,
        tuple(credits),
        proration.charges_for(lines, rest, subscription.arithmetic),
        after[-MAX_SEGMENTS:] if _says_more(after) else (),
        after[-MAX_SEGMENTS].at if len(after) > MAX_SEGMENTS else subscription.changes_from_at,
    )


def give_back(subscription: Subscription, at: datetime, basis: Basis) -> Lines:
    """What goes back where the running period is over at `at`."""
    return recharge(subscription, (), at, basis).credits


def _pieces(subscription: Subscription) -> tuple[Segment, ...]:
    start, pieces = subscription.current_period_start, subscription.segments
    assert start is not None
    # Code of before, which may still run beside us, leaves pieces of another period or of other lines.
    if pieces and pieces[-1].at >= start and pieces[-1].lines == subscription.lines:
        return pieces
    return (Segment(start, 1, 1, subscription.lines),)


def _rest(subscription: Subscription, at: datetime, basis: Basis, first: Segment) -> Rest:
    start, end = subscription.current_period_start, subscription.current_period_end
    assert start is not None
    assert end is not None
    rest = proration.rest_of(start, end, at, basis, subscription.timezone)
    # A day counts from its beginning, and that may lie before what is still known of the period.
    return min(rest, _rest_at(subscription, first), key=_share)


def _rest_at(subscription: Subscription, piece: Segment) -> Rest:
    end = subscription.current_period_end
    assert end is not None
    ends_on = proration.day_of(end, subscription.timezone)
    return Rest(proration.day_of(piece.at, subscription.timezone), ends_on, piece.left, piece.whole)


def _share(rest: Rest) -> Fraction:
    return rest.share


def _says_more(segments: tuple[Segment, ...]) -> bool:
    return len(segments) > 1 or segments[0].left != segments[0].whole
