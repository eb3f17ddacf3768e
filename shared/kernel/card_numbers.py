"""Recognises payment card numbers, so that none is ever accepted, stored or logged."""

import re

# Digits of one card: alone or in groups; never part of a word, as an IBAN's are, or a phone number (+49 …).
_DIGITS = re.compile(r"(?<![A-Za-z0-9+])\d(?:[ -]?\d){12,18}(?![A-Za-z0-9])")
# One id in a thousand would pass for a card number.
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_UUID_OR_DIGITS = re.compile(f"{_UUID.pattern}|{_DIGITS.pattern}")
# Issuers' ranges and the lengths of their numbers (ISO/IEC 7812-1): a bank's reference numbers have a check
# digit by the same rule, so the check digit alone would refuse one honest reference in ten.
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|(?:30[0-5]\d|36\d\d|38\d\d|39\d\d)\d{10,15}"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d|62\d\d|352[89]|35[3-8]\d)\d{12,15}"  # Discover, UnionPay, JCB
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{9,15}"  # Maestro
)


def holds_card_number(text: str) -> bool:
    """Whether the text holds a number that is a card's by issuer, length and check digit (Luhn)."""
    if len(text) < 13:
        return False
    found = _DIGITS.findall(_UUID.sub(" ", text))
    return any(_is_card_number(re.sub(r"\D", "", digits)) for digits in found)


def without_card_numbers(text: str) -> str:
    """The text with every digit of a card number in it replaced by an asterisk."""
    return _UUID_OR_DIGITS.sub(lambda found: _masked(found.group()), text) if len(text) >= 13 else text


def _masked(found: str) -> str:
    if _UUID.fullmatch(found) or not _is_card_number(re.sub(r"\D", "", found)):
        return found
    return re.sub(r"\d", "*", found)


def _is_card_number(digits: str) -> bool:
    return _ISSUERS.fullmatch(digits) is not None and _passes_luhn(digits)


def _passes_luhn(digits: str) -> bool:
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(map(int, digits[-1::-2])) + sum(n - 9 if n > 9 else n for n in doubled)
    return total % 10 == 0
