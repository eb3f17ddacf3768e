"""Logos: told from their bytes, and refused before anything opens them."""

import struct
import zlib
from collections.abc import Callable

import pytest

from services.invoice.domain import logo as rules
from services.invoice.domain.logo import LogoTooLarge, NotALogo, Outline
from tests.unit.invoice.builders import NOW, WORKSPACE


def a_png(width: int = 12, height: int = 8, extra: bytes = b"") -> bytes:
    """A grey PNG; a picture of any size is said to be this large, its data is that of one row."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * min(height, 64))
    more = chunk(extra, b"\0" * 8) if extra else b""
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
        rules.make(WORKSPACE, content, NOW)

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

    assert len(rules.make(WORKSPACE, fits, NOW).sha256) == 64
    with pytest.raises(LogoTooLarge):
        rules.make(WORKSPACE, fits + b"\0", NOW)
