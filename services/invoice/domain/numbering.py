"""Document numbers: a format by series, counted without a gap; a year in the format starts each year at 1."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.kernel.errors import Conflict, Invalid

DEFAULT_FORMATS = {
    "invoices": "INV-{year}-{seq:5}",
    "credit_notes": "CN-{year}-{seq:5}",
    "quotes": "Q-{year}-{seq:5}",
}
INVOICES = "invoices"
CREDIT_NOTES = "credit_notes"
EXTERNAL = "external"
"""The series of numbers that callers choose: unique, but with no promise of being gapless."""
_FIELD = re.compile(r"\{(year|seq)(?::(\d))?\}")


class NumberTaken(Conflict):
    """Another document of the workspace has this number."""

    code = "number_taken"


class NumberNotFree(Invalid):
    """This number could be given to a coming document by a gapless series; choose another form."""

    code = "number_not_free"


@dataclass(frozen=True, slots=True)
class Format:
    """How numbers of one series are written, such as `INV-{year}-{seq:5}` → INV-2026-00042."""

    series: str
    text: str

    def write(self, on: date, sequence: int) -> str:
        """The number of the `sequence`th document."""

        def value(match: re.Match[str]) -> str:
            number = on.year if match[1] == "year" else sequence
            return f"{number:0{match[2] or 0}d}"

        return _FIELD.sub(value, self.text)

    def counter_year(self, on: date) -> int:
        """The year whose counter gives the sequence; 0 where the format has no year."""
        return on.year if "{year" in self.text else 0

    def could_write(self, number: str) -> bool:
        """Whether this series may come to write the number."""
        pattern, end = "", 0
        for match in _FIELD.finditer(self.text):
            digits = r"\d{4}" if match[1] == "year" else rf"\d{{{match[2] or 1},}}"
            pattern += re.escape(self.text[end : match.start()]) + digits
            end = match.end()
        return re.fullmatch(pattern + re.escape(self.text[end:]), number) is not None


def checked_formats(given: Mapping[str, str]) -> dict[str, str]:
    """The formats of all series; raises Invalid for an unknown series, a missing `{seq}` or two alike."""
    formats = DEFAULT_FORMATS | dict(given)
    for series, text in formats.items():
        place = f"number_formats.{series}"
        if series not in DEFAULT_FORMATS:
            raise Invalid(f"There is no series {series}.", field=place)
        if [match[1] for match in _FIELD.finditer(text)].count("seq") != 1:
            raise Invalid("A format holds {seq} once, and may hold {year}.", field=place)
        if "{" in _FIELD.sub("", text) or "}" in _FIELD.sub("", text) or len(text) > 50:
            raise Invalid("A format is at most 50 characters, with {year} and {seq:digits}.", field=place)
    if len(set(formats.values())) < len(formats):
        raise Invalid("Two series have the same format.", field="number_formats")
    return formats


def require_free(number: str, formats: Mapping[str, str]) -> None:
    """Raise NumberNotFree when a gapless series may come to write this number."""
    if any(Format(series, text).could_write(number) for series, text in formats.items()):
        raise NumberNotFree(field="number")
