"""Document numbers: a format by series, counted without a gap; a year in the format starts each year at 1."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations, product

from shared.kernel.errors import Conflict, Invalid, Unavailable

DEFAULT_FORMATS = {
    "invoices": "INV-{year}-{seq:5}",
    "credit_notes": "CN-{year}-{seq:5}",
    "quotes": "Q-{year}-{seq:5}",
}
INVOICES = "invoices"
CREDIT_NOTES = "credit_notes"
QUOTES = "quotes"
EXTERNAL = "external"
"""The series of numbers that callers choose: unique, but with no promise of being gapless."""
_FIELD = re.compile(r"\{(year|seq)(?::(\d))?\}")
_DIGITS = "0123456789"


class NumberTaken(Conflict):
    """Another document of the workspace has this number."""

    code = "number_taken"


class NumberTakenMeanwhile(Unavailable):
    """Another transaction gave this number out while ours did: done again, ours takes the next one."""

    code = "number_taken_meanwhile"


class NumberNotFree(Invalid):
    """This number could be given to a coming document by a gapless series; choose another form."""

    code = "number_not_free"


@dataclass(frozen=True, slots=True)
class _Position:
    """One place of a number: which characters may stand there, and whether any count of them may."""

    characters: str
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """How numbers of one series are written, such as `INV-{year}-{seq:5}` → INV-2026-00042."""

    series: str
    text: str

    @property
    def has_year(self) -> bool:
        """Whether each year is counted from 1."""
        return "{year" in self.text

    @property
    def pattern(self) -> str:
        """A regular expression of what it writes, for Python and Postgres alike; captures year and sequence.

        Without a year the sequence is the only group; else `is_year_first` says which is which.
        """
        pattern, end, is_year_known = "", 0, False
        for match in _FIELD.finditer(self.text):
            pattern += re.escape(self.text[end : match.start()])
            width = int(match[2] or 0)
            if match[1] == "seq":
                pattern += "([1-9][0-9]*)" if width < 2 else f"([0-9]{{{width}}}|[1-9][0-9]{{{width},}})"
            else:
                year = "0" * max(0, width - 4) + "[1-9][0-9]{3}"
                pattern += f"(?:{year})" if is_year_known else f"({year})"
                is_year_known = True
            end = match.end()
        return f"^{pattern}{re.escape(self.text[end:])}$"

    @property
    def is_year_first(self) -> bool:
        """Whether the year is the first group of the pattern."""
        return self.has_year and self.text.index("{year") < self.text.index("{seq")

    def write(self, on: date, sequence: int) -> str:
        """The number of the `sequence`th document."""

        def value(match: re.Match[str]) -> str:
            number = on.year if match[1] == "year" else sequence
            return f"{number:0{match[2] or 0}d}"

        return _FIELD.sub(value, self.text)

    def counter_year(self, on: date) -> int:
        """The year whose counter gives the sequence; 0 where the format has no year."""
        return on.year if self.has_year else 0

    def could_write(self, number: str) -> bool:
        """Whether this series may come to write the number."""
        return re.fullmatch(self.pattern[1:-1], number) is not None

    def meets(self, other: "Format") -> bool:
        """Whether there is a number that both may come to write, whatever year and sequence."""
        return any(_overlap(*pair) for pair in product(self._shapes(), other._shapes()))

    def _shapes(self) -> Iterator[list[_Position]]:
        """What it writes, place by place: with the sequence as wide as asked for, and wider."""
        width = int(next(match[2] or 0 for match in _FIELD.finditer(self.text) if match[1] == "seq"))
        digit, any_more = _Position(_DIGITS), _Position(_DIGITS, repeats=True)
        if width > 1:
            yield list(self._positions([digit] * width))
        yield list(
            self._positions([_Position(_DIGITS[1:]), *[digit] * (width if width > 1 else 0), any_more])
        )

    def _positions(self, sequence: list[_Position]) -> Iterator[_Position]:
        end = 0
        for match in _FIELD.finditer(self.text):
            yield from map(_Position, self.text[end : match.start()])
            if match[1] == "seq":
                yield from sequence
            else:
                yield from [_Position("0")] * (int(match[2] or 0) - 4)
                yield from [_Position(_DIGITS[1:]), *[_Position(_DIGITS)] * 3]
            end = match.end()
        yield from map(_Position, self.text[end:])


def merge_formats(before: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """The formats of all series with those that are given.

    Raises Invalid naming the series: for an unknown one, a missing `{seq}`, or numbers of another series.
    """
    formats = DEFAULT_FORMATS | dict(before) | dict(changes)
    for series, text in formats.items():
        place = f"number_formats.{series}"
        if series not in DEFAULT_FORMATS:
            raise Invalid(f"There is no series {series}.", field=place)
        if [match[1] for match in _FIELD.finditer(text)].count("seq") != 1:
            raise Invalid("A format holds {seq} once, and may hold {year}.", field=place)
        if "{" in _FIELD.sub("", text) or "}" in _FIELD.sub("", text) or len(text) > 50:
            raise Invalid("A format is at most 50 characters, with {year} and {seq:digits}.", field=place)
    _require_apart(formats, changes)
    return formats


def require_free(number: str, formats: Mapping[str, str]) -> None:
    """Raise NumberNotFree when a gapless series may come to write this number."""
    if any(Format(series, text).could_write(number) for series, text in formats.items()):
        raise NumberNotFree(field="number")


def _require_apart(formats: Mapping[str, str], changes: Mapping[str, str]) -> None:
    for series, other in combinations(formats, 2):
        if Format(series, formats[series]).meets(Format(other, formats[other])):
            # The one that is being changed is the one to think about.
            named, against = (series, other) if series in changes else (other, series)
            message = f"It could write a number that {against} ({formats[against]}) could write too."
            raise Invalid(message, field=f"number_formats.{named}")


def _overlap(first: list[_Position], second: list[_Position]) -> bool:
    """Whether some text fits both: a walk through all pairs of places that can be reached together."""
    waiting, seen = [(0, 0)], {(0, 0)}
    while waiting:
        i, j = waiting.pop()
        if (i, j) == (len(first), len(second)):
            return True
        for step in _steps(first, second, i, j):
            if step not in seen:
                seen.add(step)
                waiting.append(step)
    return False


def _steps(first: list[_Position], second: list[_Position], i: int, j: int) -> Iterator[tuple[int, int]]:
    here = first[i] if i < len(first) else None
    there = second[j] if j < len(second) else None
    if here and here.repeats:
        yield i + 1, j
    if there and there.repeats:
        yield i, j + 1
    if here and there and set(here.characters) & set(there.characters):
        yield (i if here.repeats else i + 1), (j if there.repeats else j + 1)
