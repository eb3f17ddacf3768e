"""Logos: told from their bytes, and refused before anything opens them."""

import pickle
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable

import pytest

from services.invoice.business.domain import logo as rules
from services.invoice.business.domain.logo import LogoTooLarge, NotALogo, Outline
from tests.unit.invoice.builders import NOW, WORKSPACE


def a_png(width: int = 12, height: int = 8, extra: bytes = b"", about: bytes = b"\0" * 8) -> bytes:
    """A grey PNG; a picture of any size is said to be this large, its data is that of one row."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * min(height, 64))
    more = chunk(extra, about) if extra else b""
    return rules._PNG + chunk(b"IHDR", head) + more + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def a_jpeg(width: int = 12, height: int = 8, frame: int = 0xC0, parts: int = 3) -> bytes:
    head = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF" + b"\0" * 10
    size = struct.pack(">BHHB", 8, height, width, parts)
    return (
        b"\xff\xd8"
        + head
        + b"\xff"
        + bytes([0xFF, frame])
        + struct.pack(">H", 2 + len(size))
        + size
        + b"\0" * 8
    )


def a_webp(kind: bytes, data: bytes) -> bytes:
    body = b"WEBP" + kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def a_lossless(width: int, height: int) -> bytes:
    return a_webp(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + b"\0" * 8)


def an_extended(width: int, height: int, flags: int = 0) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return a_webp(b"VP8X", bytes([flags, 0, 0, 0]) + sides)


def a_lossy(width: int, height: int) -> bytes:
    return a_webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height) + b"\0" * 4)


@pytest.mark.parametrize(
    ("make", "media_type"),
    [
        (a_png, "image/png"),
        (a_jpeg, "image/jpeg"),
        (a_lossy, "image/webp"),
        (a_lossless, "image/webp"),
        (an_extended, "image/webp"),
    ],
)
def test_a_picture_is_known_by_its_bytes(make: Callable[..., bytes], media_type: str) -> None:
    assert rules.outline_of(make(12, 8)) == Outline(media_type, 12, 8)
    assert rules.outline_of(make(2000, 2000))[1:] == (2000, 2000)
    for width, height in ((4001, 1), (1, 4001), (2001, 2000)):
        with pytest.raises(NotALogo, match="pixels"):
            rules.outline_of(make(width, height))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\0" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        a_png(extra=b"acTL"),
        a_png(0, 8),
        a_png()[:-20],
        a_png()[:20],
        a_jpeg(frame=0xC9),
        a_jpeg(parts=4),
        a_jpeg()[:24],
        b"\xff\xd8\xff\xda" + b"\0" * 20,
        an_extended(12, 8, flags=0b10),
        a_webp(b"ALPH", b"\0" * 20),
        a_lossless(12, 8)[:-4],
    ],
)
def test_what_is_no_logo_says_why(content: bytes) -> None:
    with pytest.raises(NotALogo) as refused:
        rules.new_logo(WORKSPACE, content, NOW)

    assert refused.value.detail


def test_every_cut_of_a_picture_is_refused_or_still_one() -> None:
    for whole in (a_png(), a_jpeg(), a_lossy(12, 8), a_lossless(12, 8), an_extended(12, 8)):
        for length in range(len(whole)):
            try:
                rules.outline_of(whole[:length])
            except NotALogo:
                continue
            # A JPEG is told from its frame; whether the rest is there, setting it shows.
            assert whole[:2] == b"\xff\xd8"


def test_half_a_mebibyte_is_the_limit() -> None:
    fits = a_png() + b"\0" * (rules.MAX_BYTES - len(a_png()))

    assert len(rules.new_logo(WORKSPACE, fits, NOW).sha256) == 64
    with pytest.raises(LogoTooLarge):
        rules.new_logo(WORKSPACE, fits + b"\0", NOW)


NAMED = b"name\0"
BOMB = zlib.compress(bytes(100_000_000), 9)
ASIDES = {
    b"iCCP": NAMED + b"\0",
    b"zTXt": NAMED + b"\0",
    b"iTXt": NAMED + b"\1\0en\0nom\0",
}


def test_a_picture_that_would_fill_the_memory_by_the_way_is_refused_with_little_of_it() -> None:
    """In a process of its own, whose highest use of memory tells."""
    pictures = [a_png(extra=kind, about=head + BOMB) for kind, head in ASIDES.items()]
    told = subprocess.run(
        [sys.executable, "-c", MEASURE],
        input=pickle.dumps(pictures),
        capture_output=True,
        timeout=60,
        check=True,
    ).stdout.split()

    assert told[:-1] == [b"refused"] * len(ASIDES)
    assert int(told[-1]) < 10_000, "KB more than before"


MEASURE = """
import pickle, resource, sys
from datetime import datetime
from uuid import UUID
from services.invoice.business.domain import logo

pictures = pickle.load(sys.stdin.buffer)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for picture in pictures:
    try:
        made = logo.new_logo(UUID(int=1), picture, datetime(2026, 1, 1))
        from services.invoice.business import rendering as logo_image
        logo_image.require_readable(made)
        print("taken")
    except logo.NotALogo:
        print("refused")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("kind", ASIDES)
def test_an_ordinary_profile_or_text_is_taken(kind: bytes) -> None:
    said = zlib.compress(bytes(range(256)) * 2_000)

    assert rules.outline_of(a_png(extra=kind, about=ASIDES[kind] + said)) == Outline("image/png", 12, 8)
    assert rules.outline_of(a_png(extra=b"iTXt", about=b"name\0\0\0\0\0as it is")).width == 12


def test_many_small_texts_count_together() -> None:
    part = zlib.compress(bytes(rules.MAX_ASIDE_BYTES // 2 + 1), 9)
    one = a_png(extra=b"zTXt", about=NAMED + b"\0" + part)
    start, end = one.index(b"zTXt") - 4, one.index(b"IDAT") - 4

    assert rules.outline_of(one).width == 12
    with pytest.raises(NotALogo, match="too large"):
        rules.outline_of(one[:end] + one[start:end] + one[end:])


def test_a_frame_larger_than_its_canvas_is_refused() -> None:
    def extended(frame: bytes) -> bytes:
        body = an_extended(12, 8)[8:] + frame[12:]
        return b"RIFF" + struct.pack("<I", len(body)) + body

    assert rules.outline_of(extended(a_lossless(12, 8)))[1:] == (12, 8)
    for frame in (a_lossless(16_383, 16_383), a_lossy(16_383, 16_383), a_lossless(8, 12)):
        with pytest.raises(NotALogo):
            rules.outline_of(extended(frame))
