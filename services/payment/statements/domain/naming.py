"""What numbers a payer's text may name: single words, neighbours written apart, creditor references."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_NOISE = re.compile(r"[^A-Z0-9]")
_APART = re.compile(r"[\s,;:+&|/()]+")
_MAX_WORDS = 20
# An ISO 11649 reference has at most 25 characters, printed in fours.
_MAX_JOINED = 7
# A shorter word of a text, such as a day, is no invoice's number.
_SHORTEST_NUMBER = 3
# Digits of several words, such as a day and a year, are one number only when there are many of them.
_SHORTEST_JOINED_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring words of a text, from `start` up to `end`, and the number that they may be.

    It is certain where it is all of the text, or where check digits hold.
    """

    start: int
    end: int
    key: str
    is_certain: bool

    def holds(self, other: "Span") -> bool:
        """Whether the other's words are all among these."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Span") -> bool:
        """Whether they share a word."""
        return self.start < other.end and other.start < self.end


def key_of(text: str) -> str:
    """Letters and digits of an invoice's number or reference: what a bank leaves of it."""
    return _NOISE.sub("", text.upper())


@lru_cache(maxsize=1024)
def spans_of(text: str | None) -> tuple[Span, ...]:
    """What the text may name, the longest first: all of it, then fewer and fewer neighbouring words.

    An ISO 11649 creditor reference stands for the number that it was made of.
    """
    words = [key for word in _APART.split(text or "")[:_MAX_WORDS] if (key := key_of(word))]
    spans = [_span(start, end, key, len(words)) for start, end, key in _neighbours(words)]
    whole = key_of(text or "")
    if whole and len(words) > _MAX_JOINED:
        spans.append(Span(0, len(words), whole, is_certain=True))
    return tuple(sorted(spans, key=lambda span: (span.start - span.end, span.start)))


def keys_of(text: str | None) -> list[str]:
    """The numbers alone, each once."""
    return list(dict.fromkeys(span.key for span in spans_of(text)))


def _span(start: int, end: int, key: str, word_count: int) -> Span:
    reference = _creditor_reference(key)
    return Span(start, end, reference or key, bool(reference) or end - start == word_count)


def _neighbours(words: list[str]) -> Iterator[tuple[int, int, str]]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + _MAX_JOINED, len(words)) + 1):
            key = "".join(words[start:end])
            if end - start == len(words) or _may_be_number(key, is_joined=end > start + 1):
                yield start, end, key


def _may_be_number(key: str, *, is_joined: bool) -> bool:
    if is_joined and key.isdigit():
        return len(key) >= _SHORTEST_JOINED_DIGITS
    return len(key) >= _SHORTEST_NUMBER and any(map(str.isdigit, key))


def _creditor_reference(key: str) -> str | None:
    """The number within an ISO 11649 reference (`RF`, two check digits, modulo 97), if it is one."""
    if not key.startswith("RF") or not key[2:4].isdigit():
        return None
    digits = "".join(str(int(sign, 36)) for sign in key[4:] + key[:4])
    return (key[4:] or None) if int(digits) % 97 == 1 else None
