"""The seller's logo: what may be uploaded, told from its own bytes and never from its name.

Only the outline is read here, so that a picture that would fill the memory is never opened.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from shared.kernel.errors import Invalid, TooLarge

MAX_BYTES = 512 * 1024
MAX_SIDE = 4_000
MAX_PIXELS = 4_000_000
MAX_ASIDE_BYTES = 1024 * 1024
"""What colour profile and texts of a picture may unpack to, in all: large profiles have half of it."""
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# Frames of JPEG as every reader knows them: baseline, extended, progressive. Others have no reader here.
_FRAMES = (0xC0, 0xC1, 0xC2)
_OTHER_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)
_WITHOUT_LENGTH = (0x01, *range(0xD0, 0xD8))
_START_OF_SCAN = 0xDA


class LogoTooLarge(TooLarge):
    """A logo has at most 512 KiB."""

    code = "logo_too_large"


class NotALogo(Invalid):
    """A logo is a PNG, JPEG or WebP picture, at most 4,000 pixels wide and high, and 4 million in all."""

    code = "not_a_logo"


class Outline(NamedTuple):
    """What a picture says of itself; its size in pixels."""

    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture by its content; it never changes."""

    workspace_id: UUID
    sha256: str
    media_type: str
    width: int
    height: int
    content: bytes
    created_at: datetime


def new_logo(workspace_id: UUID, content: bytes, now: datetime) -> Logo:
    """The logo in these bytes; raises LogoTooLarge or NotALogo saying why."""
    if len(content) > MAX_BYTES:
        raise LogoTooLarge
    outline = outline_of(content)
    sha256 = hashlib.sha256(content).hexdigest()
    return Logo(workspace_id, sha256, *outline, content, now)


def outline_of(content: bytes) -> Outline:
    """What kind of picture this is, and how large; raises NotALogo saying why."""
    try:
        outline = _reader(content)(content)
    except (struct.error, IndexError, StopIteration) as error:
        raise NotALogo("The picture is cut off.") from error
    if not (1 <= outline.width <= MAX_SIDE and 1 <= outline.height <= MAX_SIDE):
        raise NotALogo(
            f"The picture is {outline.width} × {outline.height} pixels: at most {MAX_SIDE} each way."
        )
    if outline.width * outline.height > MAX_PIXELS:
        raise NotALogo(f"The picture has {outline.width * outline.height} pixels: at most {MAX_PIXELS}.")
    return outline


def _reader(content: bytes) -> Callable[[bytes], Outline]:
    if content.startswith(_PNG):
        return _png
    if content.startswith(_JPEG):
        return _jpeg
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp
    raise NotALogo("The file is no PNG, JPEG or WebP picture.")


def _png(content: bytes) -> Outline:
    chunks = list(_png_chunks(content))
    kinds = [kind for kind, _ in chunks]
    if kinds[0] != b"IHDR" or b"IDAT" not in kinds or kinds[-1] != b"IEND":
        raise NotALogo("The picture is cut off.")
    if b"acTL" in kinds:
        raise NotALogo("The picture moves.")
    _require_small_asides(chunks)
    width, height = struct.unpack_from(">II", content, 16)
    return Outline("image/png", width, height)


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind and the data of each chunk."""
    place, kind = len(_PNG), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, place)
        start, place = place + 8, place + length + 12
        if place > len(content):
            raise NotALogo("The picture is cut off.")
        yield kind, content[start : start + length]


def _require_small_asides(chunks: Iterable[tuple[bytes, bytes]]) -> None:
    """Raise NotALogo where what stands beside the picture would fill the memory of whoever opens it."""
    left = MAX_ASIDE_BYTES
    for kind, data in chunks:
        if kind in _PACKED:
            left -= _unpacked_size(_PACKED[kind](data), left)
        if left < 0:
            raise NotALogo("The picture's colour profile or texts are too large.")


def _after_name(data: bytes) -> bytes:
    # iCCP and zTXt: a name, NUL, the method, and what is packed (PNG 11.3.2.3, 11.3.3.3).
    return data.partition(b"\0")[2][1:]


def _of_international_text(data: bytes) -> bytes:
    # iTXt: a keyword, NUL, whether it is packed, the method, a language, NUL, a translation, NUL (11.3.3.4).
    rest = data.partition(b"\0")[2]
    return rest[2:].partition(b"\0")[2].partition(b"\0")[2] if rest[:1] == b"\1" else b""


_PACKED: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"iCCP": _after_name,
    b"zTXt": _after_name,
    b"iTXt": _of_international_text,
}


def _unpacked_size(packed: bytes, limit: int) -> int:
    """How many bytes these unpack to; of more than the limit one more is unpacked, and no further."""
    try:
        return len(zlib.decompressobj().decompress(packed, limit + 1))
    except zlib.error as error:
        raise NotALogo("The picture is damaged.") from error


def _jpeg(content: bytes) -> Outline:
    place = 2
    while True:
        if content[place] != 0xFF:
            raise NotALogo("The picture is damaged.")
        marker = content[place + 1]
        if marker == 0xFF or marker in _WITHOUT_LENGTH:
            place += 1 if marker == 0xFF else 2
            continue
        if marker in _FRAMES:
            height, width, parts = struct.unpack_from(">HHB", content, place + 5)
            if parts not in (1, 3):
                raise NotALogo("The picture is made for print: save it in RGB.")
            return Outline("image/jpeg", width, height)
        if marker in _OTHER_FRAMES or marker == _START_OF_SCAN:
            raise NotALogo("The picture is a kind of JPEG that few programs read.")
        (length,) = struct.unpack_from(">H", content, place + 2)
        place += 2 + length


def _webp(content: bytes) -> Outline:
    (length,) = struct.unpack_from("<I", content, 4)
    if length + 8 > len(content):
        raise NotALogo("The picture is cut off.")
    kind = content[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return Outline("image/webp", width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return Outline("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8X":
        if content[20] & 0b10:
            raise NotALogo("The picture moves.")
        width, height = (int.from_bytes(content[start : start + 3], "little") + 1 for start in (24, 27))
        if any(frame[1:] != (width, height) for frame in _frames(content)):
            # Whoever opens it makes room for the frame, however small the canvas is said to be.
            raise NotALogo("The picture is damaged.")
        return Outline("image/webp", width, height)
    raise NotALogo("The picture is a kind of WebP that is not known here.")


def _frames(content: bytes) -> Iterator[Outline]:
    """The frames in an extended WebP, each read as a picture of its own."""
    place = 12
    while place + 8 <= len(content):
        kind, length = struct.unpack_from("<4sI", content, place)
        if kind in (b"VP8 ", b"VP8L"):
            frame = content[place : place + 8 + length]
            yield _webp(b"RIFF" + struct.pack("<I", len(frame) + 4) + b"WEBP" + frame)
        place += 8 + length + length % 2
