"""Follows the pull feed: every event once and in its order, over lost connections and restarts."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from blg.api import Api
from blg.errors import NotReachable, Refused

WAIT_SECONDS = 25
_LONGEST_PAUSE = 30.0
_TYPE = '"type":'


@dataclass(frozen=True)
class FeedEvent:
    """One event; `body` is what its webhook has, byte for byte, and `cursor` where the feed goes on behind its page."""

    id: str
    type: str
    is_resend: bool
    body: bytes
    value: Mapping[str, Any]


@dataclass(frozen=True)
class Piece:
    """What one question to the feed brought."""

    events: list[FeedEvent]
    cursor: str
    has_more: bool
    skipped_count: int


def read(text: str) -> Piece:
    """The reply of `GET /v1/events`, each event with its bytes as they came."""
    decoder = json.JSONDecoder(parse_float=str)
    place = text.index("[") + 1
    events = []
    while text[place] != "]":
        value, end = decoder.raw_decode(text, place)
        events.append(_event(value, text[place:end]))
        place = end + (text[end] == ",")
    meta = decoder.raw_decode(text, text.index(":", place) + 1)[0]
    return Piece(events, meta["next_cursor"], meta["has_more"], meta["skipped_count"])


def ask(api: Api, *, wait: int = 0, **query: Any) -> Piece:
    """One piece of the feed, which may wait for its first event."""
    reply = api.ask("GET", "/v1/events", query={**query, "wait": wait}, timeout_seconds=wait + 10)
    return read(reply.text)


def follow(api: Api, start: Mapping[str, Any], **query: Any) -> Iterator[Piece]:
    """Pieces without end, beginning at `start` (`after` or `since`); waits out what does not answer."""
    given, failures, wait = dict(start), 0, 0
    while True:
        try:
            piece = ask(api, wait=wait, **given, **query)
        except NotReachable as error:
            failures += 1
            pause = min(_LONGEST_PAUSE, 2.0 ** min(failures, 6) / 2)
            api.tell(f"{error}; connecting again in {pause:.0f} s")
            api.sleep(pause)
            continue
        except Refused as refusal:
            if refusal.code != "too_many_waiting":
                raise
            api.sleep(1)
            continue
        if failures:
            api.tell("connected again")
            failures = 0
        # The first answer comes at once: its cursor is where a listener begins.
        given, wait = {"after": piece.cursor}, WAIT_SECONDS
        yield piece


def _event(value: Mapping[str, Any], text: str) -> FeedEvent:
    # The feed puts its own fields before those of the message, which begin with its type.
    body = "{" + text[text.index(_TYPE) :]
    return FeedEvent(value["id"], value["type"], bool(value.get("resend")), body.encode(), value)
