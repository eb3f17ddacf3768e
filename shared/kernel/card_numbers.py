"""Recognises payment card numbers however they are written, so that none is accepted, stored or logged."""

import re
import unicodedata
from collections.abc import Iterator

# Issuers' ranges and the lengths of their numbers (ISO/IEC 7812-1): a bank's reference numbers have a check
# digit by the same rule, so the check digit alone would refuse one honest reference in ten.
_ISSUERS = (
    rb"(?:4(?:[0-9]{18}|[0-9]{15}|[0-9]{12})"  # Visa
    rb"|5[1-5][0-9]{14}"  # Mastercard
    rb"|(?:222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"
    rb"|3[47][0-9]{13}"  # American Express
    rb"|(?:30[0-5][0-9]|36[0-9]{2}|38[0-9]{2}|39[0-9]{2})[0-9]{10,15}"  # Diners Club
    rb"|(?:6011|64[4-9][0-9]|65[0-9]{2}|62[0-9]{2}|352[89]|35[3-8][0-9])[0-9]{12,15}"  # Discover and more
    rb"|(?:5018|5020|5038|5893|6304|6759|676[1-3])[0-9]{9,15})(?![0-9])"  # Maestro
)
_ISSUED = re.compile(_ISSUERS)
SHORTEST, LONGEST = 13, 19
MOST_CANDIDATES = 5_000
"""A text with more numbers that pass for one but for their check digit is taken to hold one: looking on
would take too long."""
# A shape has digits, blanks for what may separate them (up to three in a row do), and x for everything else.
_STRETCH = re.compile(rb"[0-9][0-9 ]{11,}[0-9]")
_LONGEST_STRETCH = LONGEST + 3 * (LONGEST - 1)
_TOO_FAR = b" " * 4
_THREE = re.compile(rb"[0-9]{3}")
# A part of a stretch counts only where it is grouped as cards are: all in one, by fours, or four, six, more.
_GROUPED = re.compile(
    rb"(?<![0-9])(?=(" + _ISSUERS + rb"|[2-6][0-9]{3}(?: {1,3}[0-9]{4}){3}(?: {1,3}[0-9]{3})?(?![0-9])"
    rb"|[2-6][0-9]{3} {1,3}[0-9]{6} {1,3}[0-9]{4,5}(?![0-9])))"
)
# What holds many digits and is no card's: ids, hashes, account numbers, phone numbers (E.164), dates.
_HONEST = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|(?=[0-9]{0,64}[a-fA-F])[0-9a-fA-F]{24,128}"
    r"|\+(?:[0-9][ ().-]{0,2}){6,14}[0-9]"
    r"|(?:19|20)[0-9]{2}([./-])[0-9]{1,2}\1[0-9]{1,2}"
    r"|[0-9]{1,2}([./-])[0-9]{1,2}\2(?:(?:19|20)[0-9]{2}|[0-9]{2}(?![0-9./-]))"
    r")(?![0-9A-Za-z])"
)
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30}(?![0-9A-Za-z])")
_NEIGHBOURHOOD = 140
_DOUBLED = bytes.maketrans(b"0123456789", bytes([0, 2, 4, 6, 8, 1, 3, 5, 7, 9]))
_SINGLE = bytes.maketrans(b"0123456789", bytes(range(10)))
# Characters that show nothing: somebody may have put them between digits.
_INVISIBLE = "".join(
    map(
        chr,
        (0xAD, 0x34F, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF),
    )
)


class _Shapes(dict[int, str]):
    """What each character is to the search: a digit, a blank, or x; found out when it is first seen."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        digit = unicodedata.digit(letter, None)
        if digit is not None:
            shape = str(digit)
        else:
            shape = "x" if letter.isalnum() or unicodedata.combining(letter) or letter in ":+=<>@" else " "
        self[code] = shape
        return shape


_SHAPES = _Shapes()


def holds_card_number(text: str) -> bool:
    """Whether the text holds a number that is a card's by issuer, length and check digit (Luhn).

    Looked for whatever script its digits are in, and whatever separates them. Takes time that grows with the
    text's length alone.
    """
    return len(text) >= SHORTEST and next(_found(_show(text)), None) is not None


def has_many_digits(text: str) -> bool:
    """Whether there are digits enough near each other, so that a closer look at the text is worth it."""
    return len(text) >= SHORTEST and _STRETCH.search(_shape(_show(text))) is not None


def without_card_numbers(text: str) -> str:
    """The text with every digit of a card number in it replaced by an asterisk."""
    if len(text) < SHORTEST:
        return text
    shown = _show(text)
    letters: list[str] = []
    for start, end in _found(shown):
        letters = letters or list(shown)
        letters[start:end] = ("*" if letter.isdigit() else letter for letter in letters[start:end])
    return "".join(letters) if letters else text


def _show(text: str) -> str:
    """The text without characters that show nothing."""
    if not text.isascii():
        for letter in _INVISIBLE:
            if letter in text:
                text = text.replace(letter, "")
    return text


def _shape(shown: str) -> bytes:
    """As many bytes as the text has characters."""
    return shown.translate(_SHAPES).encode("ascii")


def _found(shown: str) -> Iterator[tuple[int, int]]:
    """Where card numbers stand."""
    shape = _shape(shown)
    tried = 0
    for start, end in _candidates(shape):
        digits = shape[start:end].replace(b" ", b"")
        if not _ISSUED.fullmatch(digits):
            continue
        tried += 1
        if tried > MOST_CANDIDATES:
            yield start, end
            return
        if _passes_luhn(digits) and not _is_honest(shown, start, end):
            yield start, end


def _candidates(shape: bytes) -> Iterator[tuple[int, int]]:
    """Stretches with as many digits as a card's number: whole ones of any grouping, and grouped parts."""
    for stretch in _STRETCH.finditer(shape):
        start = stretch.start()
        for piece in stretch.group().split(_TOO_FAR):
            if SHORTEST <= len(piece) <= _LONGEST_STRETCH:
                lead = len(piece) - len(piece.lstrip())
                yield start + lead, start + len(piece.rstrip())
            start += len(piece) + len(_TOO_FAR)
        if _THREE.search(shape, *stretch.span()):
            for part in _GROUPED.finditer(shape, *stretch.span()):
                yield part.span(1)


def _is_honest(shown: str, start: int, end: int) -> bool:
    """Whether some of its digits belong to something else: an id, an account, a phone number, a date."""
    first = max(0, start - _NEIGHBOURHOOD)
    around = shown[first : end + _NEIGHBOURHOOD]
    others = [found.span() for found in _HONEST.finditer(around)]
    others += [found.span() for found in _IBAN.finditer(around) if _is_iban(found.group())]
    return any(begin < end - first and start - first < finish for begin, finish in others)


def _is_iban(text: str) -> bool:
    """By its check digits (ISO 13616)."""
    compact = text.replace(" ", "")
    return int("".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])) % 97 == 1


def _passes_luhn(digits: bytes) -> bool:
    return (sum(digits[-1::-2].translate(_SINGLE)) + sum(digits[-2::-2].translate(_DOUBLED))) % 10 == 0
