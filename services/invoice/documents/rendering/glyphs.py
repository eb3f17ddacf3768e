"""Which characters a font can draw, read from its `cmap` table (OpenType 1.9, formats 4 and 12)."""

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_UNICODE = {(0, 3), (0, 4), (0, 6), (3, 1), (3, 10)}
_NO_GLYPH = 0xFFFF


@cache
def families(*folders: Path) -> tuple[frozenset[int], ...]:
    """The code points of each font in these folders; fonts of one family are one."""
    found: dict[str, frozenset[int]] = {}
    for path in sorted(path for folder in folders for path in folder.glob("*.ttf")):
        family = path.stem.partition("_")[0]
        points = code_points(path)
        # What only one weight has would be missing in the other.
        found[family] = found[family] & points if family in found else points
    return tuple(found.values())


def code_points(path: Path) -> frozenset[int]:
    """Every code point for which the font has a glyph."""
    data = path.read_bytes()
    table = _table(data, b"cmap")
    count = struct.unpack_from(">H", data, table + 2)[0]
    points: set[int] = set()
    for index in range(count):
        platform, encoding, offset = struct.unpack_from(">HHL", data, table + 4 + 8 * index)
        if (platform, encoding) in _UNICODE:
            points.update(_mapped(data, table + offset))
    return frozenset(points)


def _table(data: bytes, tag: bytes) -> int:
    count = struct.unpack_from(">H", data, 4)[0]
    for index in range(count):
        name, _, offset, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * index)
        if name == tag:
            return int(offset)
    raise ValueError(f"the font has no {tag.decode()} table")


def _mapped(data: bytes, at: int) -> Iterator[int]:
    form = struct.unpack_from(">H", data, at)[0]
    if form == 12:
        count = struct.unpack_from(">L", data, at + 12)[0]
        for index in range(count):
            first, last, _ = struct.unpack_from(">LLL", data, at + 16 + 12 * index)
            yield from range(first, last + 1)
    elif form == 4:
        yield from _by_segments(data, at)


def _by_segments(data: bytes, at: int) -> Iterator[int]:
    size = struct.unpack_from(">H", data, at + 6)[0]
    count = size // 2
    ends = struct.unpack_from(f">{count}H", data, at + 14)
    starts = struct.unpack_from(f">{count}H", data, at + 16 + size)
    deltas = struct.unpack_from(f">{count}H", data, at + 16 + 2 * size)
    places = at + 16 + 3 * size
    for index in range(count):
        offset = struct.unpack_from(">H", data, places + 2 * index)[0]
        for point in range(starts[index], ends[index] + 1):
            if point == _NO_GLYPH:
                continue
            if not offset:
                is_drawn = (point + deltas[index]) & 0xFFFF
            else:
                place = places + 2 * index + offset + 2 * (point - starts[index])
                is_drawn = struct.unpack_from(">H", data, place)[0]
            if is_drawn:
                yield point
