"""How an event of any object fits: `data` carries what fits, and says what was left out and where it is.

The limit keeps the webhook that is made of it within the 256 KB of a message. What others need to do their
work (`kept`) is cut only where Kafka itself would not take the record.
"""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import simplejson
from pydantic_core import to_json

from shared.kernel.json import Json, JsonMapping, JsonObject

MAX_DATA_BYTES = 240 * 1024
"""What `data` has at most in UTF-8, but for what others need."""
HARD_MAX_DATA_BYTES = 3 * 1024 * 1024
"""What it has at most whatever it holds: a record of Kafka has 4 MB."""
TRUNCATED = "truncated"
# For the member that tells what was left out.
_RESERVED_BYTES = 4 * 1024
# A text shorter than this is never cut: what would be left of it says little.
_SHORT_BYTES = 1_000
_SHORTENED_TO = (1_000, 200, 50)
# Letters of the longest text that the API takes.
_LONGEST = 4_000
# Objects whose members are the owner's own, of which some may be left out.
_FREE = frozenset({"metadata", "evidence", "number_formats"})
_Place = tuple[str, ...]

_base_url = ""


def configure(base_url: str) -> None:
    """Set where the API answers outside, for whole URLs; without one they are paths."""
    global _base_url  # noqa: PLW0603
    _base_url = base_url.rstrip("/")


def fitted(
    data: bytes,
    path: str,
    kept: Collection[str] = (),
    limit: int = MAX_DATA_BYTES,
    hard: int = HARD_MAX_DATA_BYTES,
) -> bytes:
    """The JSON object as it is, or with what does not fit into `limit` bytes left out.

    `path` is where the API shows all of it. The largest parts are cut first: lists and texts keep their
    beginning. Members named in `kept` are cut only above `hard` bytes.
    """
    if len(data) <= limit:
        return data
    cutter = _Cutter.of(data)
    cutter.cut(limit - _RESERVED_BYTES, kept)
    if cutter.size > hard - _RESERVED_BYTES:
        cutter.cut_harder(hard - _RESERVED_BYTES)
    if not cutter.left_out:
        return data
    fields = [
        {"name": ".".join(place), "sent_count": sent, "total_count": total}
        for place, (sent, total) in cutter.left_out.items()
    ]
    notice = {"url": _base_url + path, "fields": fields}
    return cutter.write({**cutter.said, TRUNCATED: notice})


@dataclass(slots=True)
class _Cutter:
    """An object that is being cut, and what of each part is left, of how much."""

    said: JsonObject
    write: Callable[[Json], bytes]
    left_out: dict[_Place, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, data: bytes) -> "_Cutter":
        """Numbers keep their digits: fractions take a writer that is slower."""
        fractions: list[Decimal] = []

        def parse(text: str) -> Decimal:
            fractions.append(Decimal(text))
            return fractions[-1]

        said = json.loads(data, parse_float=parse)
        return cls(said, _write_decimals if fractions else to_json)

    @property
    def size(self) -> int:
        """How many bytes it has now."""
        return len(self.write(self.said))

    def cut(self, limit: int, kept: Collection[str], *, from_start: bool = False) -> None:
        """Cut the largest parts until it fits; lists lose their end, or their start."""
        excess = self.size - limit
        parts = sorted(self._parts(self.said, (), kept), key=lambda cuttable: cuttable[0], reverse=True)
        for size, place, holder, name in parts:
            if excess <= 0:
                return
            before = holder[name]
            turns = from_start and isinstance(before, list)
            left = self._beginning(before[::-1] if turns else before, size - excess)
            holder[name] = left[::-1] if turns else left
            self.left_out[place] = (len(left), len(before))
            excess -= size - len(self.write(left))

    def cut_harder(self, limit: int) -> None:
        """Shorten what others need: first its texts, then its oldest items, which stand first."""
        for length in _SHORTENED_TO:
            if (before := self.size) > limit:
                _shorten(self.said, length)
                if self.size < before:
                    self.left_out[("*",)] = (length, _LONGEST)
        self.cut(limit, (), from_start=True)

    def _parts(
        self, said: JsonMapping, place: _Place, kept: Collection[str]
    ) -> Iterator[tuple[int, _Place, Json, str]]:
        """Everything that can be cut: its bytes, where it stands, what holds it."""
        for name, value in said.items():
            here = (*place, name)
            if name in kept and not place:
                continue
            if isinstance(value, dict) and name not in _FREE:
                yield from self._parts(value, here, kept)
            elif isinstance(value, list | dict | str) and (size := len(self.write(value))) >= _SHORT_BYTES:
                yield size, here, said, name

    def _beginning(self, value: Json, limit: int) -> Json:
        """As much of a list, an object or a text as has at most so many bytes."""
        if isinstance(value, str):
            return value.encode()[: max(0, limit - 2) // 2].decode(errors="ignore")
        items = list(value.items()) if isinstance(value, dict) else value
        left, count = limit - 2, 0
        for item in items:
            left -= len(self.write(item)) + 1
            if left < 0:
                break
            count += 1
        return dict(items[:count]) if isinstance(value, dict) else items[:count]


def _shorten(value: Json, length: int) -> None:
    items: Json = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(items):
        if isinstance(item, str) and len(item) > length:
            value[key] = item[: length - 1] + "…"
        elif isinstance(item, dict | list):
            _shorten(item, length)


def _write_decimals(value: Json) -> bytes:
    text: str = simplejson.dumps(value, use_decimal=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()
