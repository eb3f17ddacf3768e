"""Reads tables: CSV in whatever form offices save it, the first sheet of an XLSX file, JSON lines."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from blg.errors import WrongUsage

MAX_SHEET_BYTES = 512 * 1024 * 1024
_ENCODINGS = ("utf-8-sig", "cp1252")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_CELL = re.compile(r"([A-Z]+)[0-9]+")
_DATE_FORMATS = frozenset({14, 15, 16, 17, 22})
# Day 60 is 29 February 1900, which never was: later days count from here.
_EPOCH = date(1899, 12, 30)


def read(path: Path) -> list[dict[str, str]]:
    """The rows by the heads of their columns, cells as text; raises WrongUsage for what is no table."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WrongUsage(f"{path} cannot be read: {error.strerror}") from error
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return list(_json_lines(path, content))
    rows = list(_sheet(path, content) if content[:2] == b"PK" else _csv(content))
    if not rows:
        raise WrongUsage(f"{path} is empty.")
    heads = [head.strip() for head in rows[0]]
    if len(set(filter(None, heads))) < len([head for head in heads if head]):
        raise WrongUsage(f"{path} has two columns of one name.")
    return [
        {head: cell.strip() for head, cell in zip(heads, row, strict=False) if head}
        for row in rows[1:]
        if any(cell.strip() for cell in row)
    ]


def _csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    first = text.partition("\n")[0]
    delimiter = max((";", ",", "\t"), key=first.count)
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _json_lines(path: Path, content: bytes) -> Iterator[dict[str, str]]:
    for number, line in enumerate(content.decode("utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, parse_float=str, parse_int=str)
        except ValueError as error:
            raise WrongUsage(f"{path}, line {number}: {error}") from error
        if not isinstance(row, dict):
            raise WrongUsage(f"{path}, line {number} is no object.")
        yield {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _sheet(path: Path, content: bytes) -> Iterator[list[str]]:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            sheet = next(name for name in sorted(names) if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
            if archive.getinfo(sheet).file_size > MAX_SHEET_BYTES:
                raise WrongUsage(f"{path} has too large a sheet.")
            texts = _shared(archive.read("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else []
            dated = _dated(archive.read("xl/styles.xml")) if "xl/styles.xml" in names else frozenset()
            yield from _rows(archive.read(sheet), texts, dated)
    except (BadZipFile, StopIteration, KeyError, ElementTree.ParseError) as error:
        raise WrongUsage(f"{path} is no XLSX file that can be read.") from error


def _parsed(content: bytes) -> ElementTree.Element:
    # A document type could define entities without end; no spreadsheet has one.
    if b"<!DOCTYPE" in content[:4096]:
        raise ElementTree.ParseError("a document type")
    return ElementTree.fromstring(content)  # noqa: S314


def _shared(content: bytes) -> list[str]:
    return ["".join(text.text or "" for text in item.iter(f"{_MAIN}t")) for item in _parsed(content).iter(f"{_MAIN}si")]


def _dated(content: bytes) -> frozenset[int]:
    """The numbers of the styles that show a number as a day."""
    root = _parsed(content)
    own = {
        int(one.get("numFmtId", 0))
        for one in root.iter(f"{_MAIN}numFmt")
        if re.search(r"[yd]", re.sub(r'"[^"]*"|\[[^\]]*\]', "", one.get("formatCode", "").lower()))
    }
    styles = root.find(f"{_MAIN}cellXfs")
    kinds = [int(one.get("numFmtId", 0)) for one in styles] if styles is not None else []
    return frozenset(place for place, kind in enumerate(kinds) if kind in _DATE_FORMATS | own)


def _rows(content: bytes, texts: list[str], dated: frozenset[int]) -> Iterator[list[str]]:
    for row in _parsed(content).iter(f"{_MAIN}row"):
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            column = _column(cell.get("r", "")) if cell.get("r") else len(cells)
            cells += [""] * (column - len(cells))
            cells.append(_cell(cell, texts, dated))
        yield cells


def _column(place: str) -> int:
    found = _CELL.fullmatch(place)
    number = 0
    for letter in found[1] if found else "A":
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _cell(cell: ElementTree.Element, texts: list[str], dated: frozenset[int]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_MAIN}t"))
    value = cell.findtext(f"{_MAIN}v") or ""
    if kind == "s":
        return texts[int(value)]
    if kind == "b":
        return "true" if value == "1" else "false"
    if kind == "n" and value and int(cell.get("s", 0)) in dated:
        return (_EPOCH + timedelta(days=int(value.partition(".")[0]))).isoformat()
    return _plain(value) if kind == "n" else value


def _plain(value: str) -> str:
    """A number as a person sees it: 1.2000000000000002E-2 is what a sheet stores for 0.012."""
    if not re.search(r"[.eE]", value):
        return value
    from decimal import Decimal

    number = Decimal(f"{Decimal(value):.15g}")
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"
