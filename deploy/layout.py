"""JSON and YAML as generated files keep them: what fits stands on one line, and plain values share lines.

`python -m deploy.layout FILE…` lays JSON files out anew.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import simplejson
import yaml

WIDTH = 120
_STEP = 2


def json_text(value: Any) -> str:
    """The value as JSON within 120 columns where its texts are no longer; Decimals keep their digits."""
    return _laid_out(value, "", 0) + "\n"


def yaml_text(objects: Iterable[Any]) -> str:
    """The objects as a stream of YAML; each list and mapping of plain values stands on one line."""
    return yaml.dump_all(
        objects, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=None
    )


class _Dumper(yaml.SafeDumper):
    """Without anchors: each object stands alone."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _laid_out(value: Any, before: str, indent: int) -> str:
    """The value after `before` (its key), whose line begins at `indent`."""
    line = _line(value)
    if not isinstance(value, dict | list) or not value or _fits(before + line, indent):
        return before + line
    inner = indent + _STEP
    if isinstance(value, dict):
        parts = [(_laid_out(one, f"{_line(str(name))}: ", inner), one) for name, one in value.items()]
    else:
        parts = [(_laid_out(one, "", inner), one) for one in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    rows = (" " * inner + row for row in _rows(parts, inner))
    return before + opening + "\n" + ",\n".join(rows) + "\n" + " " * indent + closing


def _rows(parts: Iterable[tuple[str, Any]], indent: int) -> list[str]:
    """The parts in lines: plain values beside one another, and each object and list by itself."""
    rows: list[str] = []
    is_open = False
    for text, value in parts:
        is_plain = not isinstance(value, dict | list) or not value
        if is_plain and is_open and _fits(f"{rows[-1]}, {text}", indent):
            rows[-1] += f", {text}"
        else:
            rows.append(text)
        is_open = is_plain
    return rows


def _fits(text: str, indent: int) -> bool:
    # A comma may follow.
    return indent + len(text) < WIDTH


def _line(value: Any) -> str:
    return str(simplejson.dumps(value, ensure_ascii=False, use_decimal=True))


def main(names: Iterable[str]) -> None:
    """Write the files anew, with the same values."""
    for name in names:
        path = Path(name)
        path.write_text(json_text(simplejson.loads(path.read_text(), use_decimal=True)))


if __name__ == "__main__":
    main(sys.argv[1:])
