"""Reads what tells usage: one event, an array of them, or one a line; gzipped or not; every digit of it."""

import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from shared.http import body as json_body
from shared.http.body import InvalidJson
from shared.kernel.card_numbers import holds_card_number
from shared.kernel.errors import Invalid, TooLarge
from shared.kernel.json import Json, JsonObject

MAX_EVENTS, MAX_LINES = 1_000, 10_000
MAX_INFLATED_BYTES = 20 * 1024 * 1024
MAX_VALUES = 60 * MAX_LINES
NDJSON = ("application/x-ndjson", "application/jsonl", "application/ndjson")
JSON = ("application/json", "application/cloudevents+json", "application/cloudevents-batch+json")
# Thirteen digits with up to three other characters between two of them: where a card's number may be.
_DIGITS = re.compile(rb'[0-9](?:[^0-9A-Za-z"]{0,3}[0-9]){12}')
_AROUND = 140
_BLANK = re.compile(rb"[ \t\r]*")


class UnsupportedMedia(Invalid):
    """Usage is told as JSON (one CloudEvent or an array) or NDJSON, plain or gzipped."""

    code = "unsupported_media_type"


@dataclass(frozen=True, slots=True)
class Told:
    """The values that a body tells, each with the pointer of its place."""

    values: Sequence[Json]
    places: Sequence[str]


def read_told(content: bytes, media: str, encoding: str) -> Told:
    """The values in a body; raises UnsupportedMedia, TooLarge, InvalidJson or Invalid."""
    kind = media.partition(";")[0].strip().lower()
    if kind not in (*JSON, *NDJSON):
        raise UnsupportedMedia(field="content-type")
    plain = _inflate(content, encoding.strip().lower())
    values, places = _lines(plain) if kind in NDJSON else _document(plain)
    json_body.check(values, plain, may_hold_card=_may_hold_card(plain), most_values=MAX_VALUES)
    return Told(values, places)


def _inflate(content: bytes, encoding: str) -> bytes:
    if encoding in ("", "identity"):
        return content
    if encoding != "gzip":
        raise UnsupportedMedia("content-encoding must be gzip, or not given.", field="content-encoding")
    plain, rest = bytearray(), content
    try:
        # gzip may have several members; each stops at the limit.
        while rest:
            member = zlib.decompressobj(wbits=31)
            plain += member.decompress(rest, MAX_INFLATED_BYTES + 1 - len(plain))
            if len(plain) > MAX_INFLATED_BYTES:
                raise TooLarge(f"The body inflates to more than {MAX_INFLATED_BYTES} bytes.")
            if not member.eof:
                raise Invalid("The gzipped body ends too early.", field="content-encoding")
            rest = member.unused_data
    except zlib.error as error:
        raise Invalid("The body is not gzipped.", field="content-encoding") from error
    return bytes(plain)


def _document(plain: bytes) -> tuple[list[Json], list[str]]:
    value = _load(plain, "")
    if not isinstance(value, list):
        return [value], [""]
    if len(value) > MAX_EVENTS:
        raise TooLarge(f"An array has at most {MAX_EVENTS} events; NDJSON may have {MAX_LINES}.")
    return value, [f"/{place}" for place in range(len(value))]


def _lines(plain: bytes) -> tuple[list[Json], list[str]]:
    lines = [
        (place, line)
        for place, line in enumerate(islice(plain.split(b"\n"), 2 * MAX_LINES + 1))
        if not _BLANK.fullmatch(line)
    ]
    if len(lines) > MAX_LINES or plain.count(b"\n") > 2 * MAX_LINES:
        raise TooLarge(f"NDJSON has at most {MAX_LINES} events.")
    places = [f"/{place}" for place, _ in lines]
    try:
        # All at once: a line at a time costs half as much again.
        values = _load(b"[" + b",".join(line for _, line in lines) + b"]", "")
    except InvalidJson:
        values = None
    if values is None or len(values) != len(lines):
        values = [_load(line, f"/{place}") for place, line in lines]
    return values, places


def _load(text: bytes, place: str) -> Json:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise InvalidJson(f"This is not valid JSON: {error}"[:300], field=place) from error


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _object(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field is given twice")
    return found


def _may_hold_card(plain: bytes) -> bool:
    if b"\\" in plain or not plain.isascii():
        return True
    text = plain.decode("ascii").replace('"', "x")
    return any(
        holds_card_number(text[max(0, found.start() - _AROUND) : found.end() + _AROUND])
        for found in _DIGITS.finditer(plain)
    )
