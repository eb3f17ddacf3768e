"""`blg export`: a list of the API as CSV or JSON lines, row by row."""

import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click

from blg.main import Context, shared_options

LISTS = {
    "contacts": ("/v1/contacts", None, None),
    "products": ("/v1/products", None, None),
    "invoices": ("/v1/invoices", "issued_from", "issued_to"),
    "credit-notes": ("/v1/credit-notes", "issued_from", "issued_to"),
    "payments": ("/v1/payments", "paid_from", "paid_to"),
    "subscriptions": ("/v1/subscriptions", None, None),
    "journal": ("/v1/ledger/entries", "booked_from", "booked_to"),
}


@click.command("export")
@click.argument("what", type=click.Choice(list(LISTS)))
@click.option("--from", "first", help="First day, such as 2026-01-01.")
@click.option("--to", "last", help="Last day.")
@click.option("--output", "-o", "file_", type=click.Path(dir_okay=False, path_type=Path), help="The file; else stdout.")
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl"]), help="Else by the file's name, else CSV.")
@shared_options
def export_command(
    context: Context, what: str, first: str | None, last: str | None, file_: Path | None, format_: str | None
) -> None:
    """Write contacts, invoices, payments or the journal to a file, as CSV or JSON lines.

    In CSV an object within a row is a column for each of its fields (`contact.name`), a list its JSON.
    """
    path, from_name, to_name = LISTS[what]
    if (first or last) and not from_name:
        raise click.UsageError(f"{what} have no day by which they could be chosen.")
    query: dict[str, Any] = {name: value for name, value in ((from_name, first), (to_name, last)) if name and value}
    rows = context.api.rows(path, **query)
    is_lines = (format_ or ("jsonl" if file_ and file_.suffix == ".jsonl" else "csv")) == "jsonl"
    with _opened(file_) as target:
        count = _write_lines(target, rows) if is_lines else _write_csv(target, rows)
    context.output.note(f"{count} {what}{f' in {file_}' if file_ else ''}.")
    if file_ and context.output.is_json:
        context.output.value({"file": str(file_), "count": count})


@contextmanager
def _opened(file_: Path | None) -> Iterator[TextIO]:
    """The file, which gets its name once it is whole."""
    if file_ is None:
        yield sys.stdout
        return
    draft = file_.with_name(f".{file_.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", newline="") as target:
            yield target
        draft.replace(file_)
    finally:
        draft.unlink(missing_ok=True)


def _write_lines(target: TextIO, rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    for row in rows:
        target.write(json.dumps(row, ensure_ascii=False) + "\n")
        count += 1
    return count


def _write_csv(target: TextIO, rows: Iterable[dict[str, Any]]) -> int:
    """Rows under the columns of the first; what later rows have besides is appended as JSON in `more`."""
    writer, count = csv.writer(target), 0
    columns: list[str] = []
    for row in rows:
        flat = flatten(row)
        if not columns:
            columns = list(flat)
            writer.writerow([*columns, "more"])
        more = {name: value for name, value in flat.items() if name not in columns and value not in ("", None)}
        cells = [guarded(flat.get(name)) for name in columns]
        writer.writerow([*cells, json.dumps(more, ensure_ascii=False) if more else ""])
        count += 1
    return count


def flatten(row: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """A row with a column for each field of its objects; lists are JSON."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict) and value:
            flat |= flatten(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
    return flat


def guarded(value: Any) -> Any:
    """The value as a cell; a text that a spreadsheet would run as a formula begins with an apostrophe."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).isdigit()
