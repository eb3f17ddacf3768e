"""Reads JSON bodies without losing a digit, and refuses what no field could hold."""

import json
import re
from decimal import Decimal
from typing import Any

from shared.kernel.errors import FieldError, Invalid

MAX_DEPTH = 32
_DIGITS = re.compile(r"\d[\d -]{11,}\d")
# One id in a thousand would pass for a card number.
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


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
    elif value is _NOT_A_NUMBER or (isinstance(value, Decimal) and abs(value.adjusted()) > 40):
        found.append(FieldError(pointer, "not a finite number of a usable size"))


def _inspect_text(text: str, pointer: str, found: list[FieldError]) -> None:
    if "\x00" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        found.append(FieldError(pointer, "holds a character that cannot be stored"))
    elif len(text) >= 13 and holds_card_number(text):
        found.append(FieldError(pointer, "holds a card number; send the provider's token instead"))


def holds_card_number(text: str) -> bool:
    """Whether the text holds 13 to 19 digits that pass the Luhn check (ISO/IEC 7812-1)."""
    return any(_passes_luhn(re.sub(r"\D", "", match)) for match in _DIGITS.findall(_UUID.sub("", text)))


def _passes_luhn(digits: str) -> bool:
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(map(int, digits[-1::-2])) + sum(n - 9 if n > 9 else n for n in doubled)
    return total % 10 == 0


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
