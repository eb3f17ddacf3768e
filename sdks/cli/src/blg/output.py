"""What a command says: JSON for programs on stdout, tables and sentences for people, progress on stderr."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COLORS = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}
MAX_COLUMNS = 8


@dataclass
class Output:
    """How this command talks. With `is_json` stdout holds JSON alone; `is_quiet` leaves out what is by the way."""

    is_json: bool = False
    is_quiet: bool = False

    def value(self, value: Any, lines: Iterable[str] | None = None) -> None:
        """The command's result: as JSON, else as these lines, else as its fields."""
        if self.is_json:
            print(json.dumps(value, ensure_ascii=False))
        elif lines is not None:
            for line in lines:
                print(line)
        else:
            self._fields(value)
        sys.stdout.flush()

    def record(self, value: Any, line: str) -> None:
        """One of a stream of results: a line of JSON, or a line for people."""
        print(json.dumps(value, ensure_ascii=False) if self.is_json else line, flush=True)

    def note(self, text: str, color: str | None = None) -> None:
        """A sentence by the way, on stderr."""
        if not self.is_quiet:
            self.error(text, color)

    def error(self, text: str, color: str | None = None) -> None:
        """A sentence that is said in any case, on stderr."""
        print(paint(text, color) if color and sys.stderr.isatty() else text, file=sys.stderr, flush=True)

    def table(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows with the columns that say something."""
        if self.is_json:
            self.value(list(rows))
            return
        if not rows:
            self.note("Nothing found.")
            return
        columns = _columns(rows)
        cells = [[_cell(row.get(name)) for name in columns] for row in rows]
        widths = [min(40, max(len(name), *(len(line[i]) for line in cells))) for i, name in enumerate(columns)]
        print(bold("  ".join(name.ljust(width) for name, width in zip(columns, widths, strict=True))).rstrip())
        for line in cells:
            shown = [cell if len(cell) <= 40 else cell[:39] + "…" for cell in line]
            print("  ".join(cell.ljust(width) for cell, width in zip(shown, widths, strict=True)).rstrip())

    def _fields(self, value: Any) -> None:
        if not isinstance(value, Mapping):
            print(json.dumps(value, ensure_ascii=False, indent=2))
            return
        width = max((len(name) for name in value), default=0)
        for name, said in value.items():
            print(f"{name.ljust(width)}  {_cell(said)}")


def paint(text: str, color: str) -> str:
    """The text in a terminal's color."""
    return f"\x1b[{COLORS[color]}m{text}\x1b[0m"


def bold(text: str) -> str:
    """The text in bold where a person reads it."""
    return paint(text, "bold") if sys.stdout.isatty() else text


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    first = [name for name, value in rows[0].items() if not isinstance(value, dict | list)]
    said = [name for name in first if any(row.get(name) not in (None, "") for row in rows)]
    dull = {"version", "created_at", "updated_at", "metadata"}
    return [name for name in said if name not in dull][:MAX_COLUMNS] or said[:MAX_COLUMNS]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
