"""Reads JSON bodies without losing a digit, and refuses what no field could hold."""

import json
from decimal import Decimal
from typing import Any

from shared.kernel.card_numbers import holds_card_number
from shared.kernel.errors import FieldError, Invalid

MAX_DEPTH = 32


class InvalidJson(Invalid):
    """The body is not valid JSON."""

    code = "invalid_json"


class _NotANumber:
    """Stands where the body had NaN or Infinity, until its place can be named."""


_NOT_A_NUMBER = _NotANumber()


def parse(body: bytes) -> Any:
    """The body's value with numbers as int or Decimal; raises InvalidJson or Invalid naming the fields."""
    try:
        value = json.loads(body, parse_float=Decimal, parse_constant=lambda _: _NOT_A_NUMBER)
    except (ValueError, RecursionError) as error:
        raise InvalidJson(f"The body is not valid JSON: {error}"[:300], field="") from error
    found: list[FieldError] = []
    _inspect(value, "", 0, found)
    if found:
        raise Invalid(errors=tuple(found))
    return value


def _inspect(value: Any, pointer: str, depth: int, found: list[FieldError]) -> None:
    if depth > MAX_DEPTH:
        found.append(FieldError(pointer, f"nested deeper than {MAX_DEPTH} levels"))
    elif isinstance(value, dict):
        for key, item in value.items():
            _inspect_text(key, pointer, found)
            _inspect(item, f"{pointer}/{_escaped(key)}", depth + 1, found)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _inspect(item, f"{pointer}/{index}", depth + 1, found)
    elif isinstance(value, str):
        _inspect_text(value, pointer, found)
    elif isinstance(value, int) and abs(value) >= 10**14:
        _inspect_text(str(abs(value)), pointer, found)
    elif value is _NOT_A_NUMBER or (isinstance(value, Decimal) and abs(value.adjusted()) > 40):
        found.append(FieldError(pointer, "not a finite number of a usable size"))


def _inspect_text(text: str, pointer: str, found: list[FieldError]) -> None:
    if "\x00" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        found.append(FieldError(pointer, "holds a character that cannot be stored"))
    elif holds_card_number(text):
        found.append(FieldError(pointer, "holds a card number; send the provider's token instead"))


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
