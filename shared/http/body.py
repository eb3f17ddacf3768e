"""Reads JSON bodies without losing a digit, and refuses what no field could hold."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from shared.kernel import text as texts
from shared.kernel.card_numbers import has_many_digits, holds_card_number
from shared.kernel.errors import FieldError, Invalid, TooLarge
from shared.kernel.json import Json

MAX_DEPTH = 32
MAX_VALUES = 100_000
"""Of one body, keys of objects among them: what a million bytes hold when each value has ten."""
MAX_KEYS = 1_000
"""Of one object: no resource has as many fields, and each unknown one is an error to be told."""
MAX_FAULTS = 100
MAX_LOOKS = 5_000
"""At texts with many digits, of one body: each takes a few microseconds of everybody's time."""


class InvalidJson(Invalid):
    """The body is not valid JSON."""

    code = "invalid_json"


class _NotANumber:
    """Stands where the body had NaN or Infinity, until its place can be named."""


_NOT_A_NUMBER = _NotANumber()


def read(content: bytes) -> Json:
    """The JSON value with numbers as int or Decimal, unchecked: what another service answered.

    Raises InvalidJson.
    """
    try:
        return json.loads(content, parse_float=Decimal, parse_constant=lambda _: _NOT_A_NUMBER)
    except (ValueError, RecursionError) as error:
        raise InvalidJson(f"The body is not valid JSON: {error}"[:300], field="") from error


def parse(content: bytes) -> Json:
    """A request's value with numbers as int or Decimal.

    Raises InvalidJson, TooLarge, or Invalid naming the first hundred fields that hold what nothing can.
    """
    value = read(content)
    check(value, content, may_hold_card=_may_hold_card(content))
    return value


def check(value: Json, content: bytes, *, may_hold_card: bool, most_values: int = MAX_VALUES) -> None:
    """Look for what no field could hold in the value of a body's bytes; raises TooLarge or Invalid."""
    looking = _Check(
        for_characters=b"\\" in content or not content.isascii(),
        for_cards=may_hold_card,
        values_left=most_values,
    )
    faults = []
    for fault in looking.faults(value, "", 0):
        faults.append(fault)
        if len(faults) == MAX_FAULTS:
            break
    if faults:
        raise Invalid(errors=tuple(faults))


def _may_hold_card(content: bytes) -> bool:
    """Whether a look at each text is worth it; one over the whole body costs far less."""
    if b"\\" in content:
        # An escape may hide a digit, or what separates two.
        return True
    # A letter in place of each quote keeps apart what stands in two texts.
    return holds_card_number(content.decode("utf-8", "replace").replace('"', "x"))


@dataclass(slots=True)
class _Check:
    """One body's: a look at each text is spared where the whole body has nothing to look for."""

    for_characters: bool
    for_cards: bool
    values_left: int = field(default=MAX_VALUES)
    looks_left: int = field(default=MAX_LOOKS)

    def faults(self, value: Json, pointer: str, depth: int) -> Iterator[FieldError]:
        """What no field could hold, by its place. Raises TooLarge for too many values."""
        kind = type(value)
        if kind is dict or kind is list:
            yield from self._faults_inside(value, pointer, depth)
        elif kind is str:
            yield from self._text_faults(value, pointer)
        elif kind is int:
            yield from self._text_faults(str(abs(value)), pointer)
        elif value is _NOT_A_NUMBER or (kind is Decimal and abs(value.adjusted()) > 40):
            yield FieldError(pointer, "not a finite number of a usable size")

    def _faults_inside(self, value: Json, pointer: str, depth: int) -> Iterator[FieldError]:
        if depth > MAX_DEPTH:
            yield FieldError(pointer, f"nested deeper than {MAX_DEPTH} levels")
            return
        self.values_left -= len(value)
        if self.values_left < 0:
            raise TooLarge(f"The body holds more than {MAX_VALUES} values.")
        if type(value) is list:
            yield from self._faults_of(enumerate(value), pointer, depth + 1)
        elif len(value) > MAX_KEYS:
            yield FieldError(pointer, f"has more than {MAX_KEYS} fields")
        else:
            for key in value:
                yield from self._text_faults(key, pointer)
            yield from self._faults_of(value.items(), pointer, depth + 1)

    def _faults_of(
        self, items: Iterable[tuple[object, Json]], pointer: str, depth: int
    ) -> Iterator[FieldError]:
        looks_at_texts = self.for_characters or self.for_cards
        for name, item in items:
            kind = type(item)
            # Nearly all values have nothing to look for.
            if kind is str:
                if not looks_at_texts:
                    continue
            elif kind is int:
                if -(10**12) < item < 10**12:
                    continue
            elif kind is bool or item is None:
                continue
            yield from self.faults(item, f"{pointer}/{escape_pointer(str(name))}", depth)

    def _text_faults(self, text: str, pointer: str) -> Iterator[FieldError]:
        if self.for_characters and texts.holds_forbidden(text):
            yield FieldError(pointer, texts.FAULT)
        elif self.for_cards and has_many_digits(text):
            self.looks_left -= 1
            if self.looks_left < 0:
                raise TooLarge(f"More than {MAX_LOOKS} texts of the body might hold a card number.")
            if holds_card_number(text):
                yield FieldError(pointer, "holds a card number; send the provider's token instead")


def escape_pointer(key: str) -> str:
    """The key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")
