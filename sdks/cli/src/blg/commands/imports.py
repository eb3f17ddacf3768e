"""`blg import`: contacts, products, invoices and open items from a file, each row once however often it is run."""

import csv
import hashlib
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from threading import Lock
from typing import Any

import click

from blg import mapping, tables
from blg.api import Api
from blg.errors import SAID_NO, Refused, WrongUsage
from blg.main import Context, shared_options

WORKERS = 16
_DAYS = (re.compile(r"(\d{4})-(\d{2})-(\d{2})"), re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})"))
Row = Mapping[str, str]


class Unfit(Exception):
    """What is wrong with a row, in a sentence."""


@dataclass(frozen=True)
class Item:
    """One request that the file asks for, and the numbers of its rows (from 2: the heads are row 1)."""

    rows: tuple[int, ...]
    path: str
    body: dict[str, Any]
    contact: dict[str, str] = field(default_factory=dict)


@click.command("import")
@click.argument("kind", type=click.Choice([*mapping.FIELDS, "bank"]))
@click.argument("file_", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Look at every row and create nothing.")
@click.option("--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="Which column is which field.")
@click.option("--tax-rate", default=None, help="Percent, where no column says it.")
@click.option("--issue/--draft", default=True, help="Whether invoices are issued.")
@click.option("--workers", type=click.IntRange(1, 64), default=WORKERS, help="Requests at once.")
@shared_options
def import_command(
    context: Context,
    kind: str,
    file_: Path,
    dry_run: bool,
    maps: tuple[str, ...],
    tax_rate: str | None,
    issue: bool,
    workers: int,
) -> None:
    """Import contacts, products, invoices or open-items from FILE: CSV, XLSX or JSON lines; `bank`: a bank's file.

    Every row has an idempotency key made of the file and its place: run again after an end in between, it does
    nothing twice. What is refused goes to FILE.rejected.csv with its reason.
    """
    if kind == "bank":
        _import_bank(context, file_, dry_run)
        return
    rows = tables.read(file_)
    heads = list(dict.fromkeys(head for row in rows for head in row))
    chosen = mapping.choose(kind, heads, maps)
    for head in heads:
        context.output.note(f"  {head} → {chosen.get(head, '(left out)')}", "dim")
    items, unfit = plan(kind, rows, chosen, tax_rate, issue)
    if dry_run:
        _report(context, file_, rows, {"ready": len(items), "created": 0}, unfit)
        return
    context.agree(f"Import {len(items)} {kind}")
    mapping.remember(kind, heads, chosen)
    importing = Importing(context.api, digest_of(file_), len(items), context.output.note)
    importing.run(items, workers)
    _report(
        context,
        file_,
        rows,
        {"created": importing.created, "seen_before": importing.repeated},
        unfit | importing.refused,
    )


def _import_bank(context: Context, file_: Path, dry_run: bool) -> None:
    """A bank's file, as it is: the platform reads CAMT, MT940, OFX and the CSV of many banks, each line once."""
    if dry_run:
        raise WrongUsage("A bank's file is read by the platform: there is no dry run of it.")
    context.agree("Import a bank's file")
    reply = context.api.ask(
        "POST",
        "/v1/bank-imports",
        query={"file_name": file_.name},
        body=file_.read_bytes(),
        key=f"blg-import-{digest_of(file_)}-bank",
    )
    context.output.value(reply.json())


def digest_of(file_: Path) -> str:
    """What the keys of this file's rows begin with: a changed file is another one."""
    return hashlib.sha256(file_.read_bytes()).hexdigest()[:24]


def plan(
    kind: str, rows: list[dict[str, str]], chosen: Mapping[str, str], tax_rate: str | None, issue: bool
) -> tuple[list[Item], dict[int, str]]:
    """What is to be made of which rows, and what is wrong with the others."""
    named = [{name: row.get(head, "") for head, name in chosen.items()} for row in rows]
    make = {"contacts": _contact, "products": _product}.get(kind)
    if make:
        return _singly(named, lambda number, row: make(number, row, tax_rate))
    if kind == "open-items":
        return _singly(named, lambda number, row: _open_item(number, row, issue))
    return _invoices(named, tax_rate, issue)


def _singly(rows: list[dict[str, str]], make: Callable[[int, Row], Item]) -> tuple[list[Item], dict[int, str]]:
    items: list[Item] = []
    unfit: dict[int, str] = {}
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 2):
        try:
            identity = row.get("external_id") or row.get("sku")
            if identity and identity in seen:
                raise Unfit(f"{identity} stands in row {seen[identity]} already")
            items.append(make(number, row))
            seen |= {identity: number} if identity else {}
        except Unfit as fault:
            unfit[number] = str(fault)
    return items, unfit


def _contact(number: int, row: Row, _: str | None) -> Item:
    body: dict[str, Any] = {name: value for name, value in row.items() if value and "." not in name}
    address = {name.partition(".")[2]: value for name, value in row.items() if value and name.startswith("address.")}
    _need(row, "name")
    if body.get("email") and not re.fullmatch(r"[^@\s]+@[^@\s]+", body["email"]):
        raise Unfit(f"email: {body['email']} is no address")
    if body.get("country"):
        body["country"] = body["country"].upper()
        if not re.fullmatch(r"[A-Z]{2}", body["country"]):
            raise Unfit(f"country: {body['country']} is no code of two letters")
    return Item((number,), "/v1/contacts", body | ({"address": address} if address else {}))


def _product(number: int, row: Row, tax_rate: str | None) -> Item:
    body = {name: value for name, value in row.items() if value}
    _need(row, "name", "unit_price")
    body["unit_price"] = decimal(row["unit_price"], "unit_price")
    if rate := row.get("tax_rate") or tax_rate:
        body["tax_rate"] = decimal(rate.rstrip("% "), "tax_rate")
    return Item((number,), "/v1/products", body)


def _open_item(number: int, row: Row, issue: bool) -> Item:
    _need(row, "number", "amount")
    line = {
        "description": f"Open item {row['number']}",
        "quantity": "1",
        "unit_price": decimal(row["amount"], "amount"),
    }
    return _invoice((number,), row, [line], issue)


def _invoices(rows: list[dict[str, str]], tax_rate: str | None, issue: bool) -> tuple[list[Item], dict[int, str]]:
    """An invoice of the rows that have one number; rows without a number are one each."""
    groups: dict[str, list[int]] = {}
    for number, row in enumerate(rows, 2):
        groups.setdefault(row.get("number") or f"\0{number}", []).append(number)
    items: list[Item] = []
    unfit: dict[int, str] = {}
    for numbers in groups.values():
        try:
            lines = [_line(rows[number - 2], tax_rate) for number in numbers]
            items.append(_invoice(tuple(numbers), rows[numbers[0] - 2], lines, issue))
        except Unfit as fault:
            unfit |= dict.fromkeys(numbers, str(fault))
    return items, unfit


def _line(row: Row, tax_rate: str | None) -> dict[str, str]:
    _need(row, "description", "unit_price")
    line = {"description": row["description"], "unit_price": decimal(row["unit_price"], "unit_price")}
    line["quantity"] = decimal(row.get("quantity") or "1", "quantity")
    if rate := row.get("tax_rate") or tax_rate:
        line["tax_rate"] = decimal(rate.rstrip("% "), "tax_rate")
    return line


def _invoice(numbers: tuple[int, ...], row: Row, lines: list[dict[str, str]], issue: bool) -> Item:
    contact = {name.partition(".")[2]: value for name, value in row.items() if value and name.startswith("contact.")}
    if not contact:
        raise Unfit("contact: no column says whose it is")
    body: dict[str, Any] = {"lines": lines, "status": "open" if issue else "draft"}
    body |= {name: row[name] for name in ("number", "reference", "currency") if row.get(name)}
    body |= {name: day(row[name], name) for name in ("issue_date", "due_date") if row.get(name)}
    return Item(numbers, "/v1/invoices", body, contact)


def decimal(text: str, name: str) -> str:
    """A number as the API takes it, from `1.234,56`, `1,234.56` or `1 234.56`; raises Unfit."""
    plain = re.sub(r"[\s€$£']", "", text)
    if "," in plain and plain.rfind(",") > plain.rfind("."):
        plain = plain.replace(".", "").replace(",", ".")
    else:
        plain = plain.replace(",", "")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise Unfit(f"{name}: {text} is no number") from None
    if not number.is_finite():
        raise Unfit(f"{name}: {text} is no number")
    return f"{number:f}"


def day(text: str, name: str) -> str:
    """A day as the API takes it, from `2026-04-11`, `11-4-2026` or `11/04/2026` (day first); raises Unfit."""
    for place, form in enumerate(_DAYS):
        if found := form.fullmatch(text.split("T", maxsplit=1)[0].split(" ", maxsplit=1)[0]):
            parts = [int(one) for one in found.groups()]
            year, month, of_month = parts if place == 0 else parts[::-1]
            try:
                return date(year, month, of_month).isoformat()
            except ValueError:
                break
    raise Unfit(f"{name}: {text} is no day such as 2026-04-11")


def _need(row: Row, *names: str) -> None:
    for name in names:
        if not row.get(name):
            raise Unfit(f"{name}: is empty")


@dataclass
class Importing:
    """One run over a file's items."""

    api: Api
    digest: str
    total: int
    note: Callable[[str], None]
    created: int = 0
    repeated: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    _contacts: dict[str, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def run(self, items: list[Item], workers: int) -> None:
        """All of them, several at once; raises NotReachable where the platform is gone: run it again then."""
        for item in items:
            # In the file's order, and before anything runs beside it: two rows of one contact make one.
            if item.contact:
                self._resolve(item)
        with ThreadPoolExecutor(workers) as pool:
            for done, _ in enumerate(pool.map(self._make, items), 1):
                if done % 500 == 0 or done == self.total:
                    self.note(f"  {done} of {self.total}")

    def _make(self, item: Item) -> None:
        if item.rows[0] in self.refused:
            return
        body = item.body | ({"contact_id": self._contacts[_identity(item.contact)]} if item.contact else {})
        try:
            reply = self.api.ask("POST", item.path, body=body, key=f"blg-import-{self.digest}-{item.rows[0]}")
        except Refused as refusal:
            if refusal.status in (401, 403):
                raise
            self._refuse(item, refusal)
            return
        with self._lock:
            self.repeated += reply.headers.get("idempotent-replayed") == "true"
            self.created += reply.headers.get("idempotent-replayed") != "true"

    def _resolve(self, item: Item) -> None:
        identity = _identity(item.contact)
        if identity in self._contacts:
            return
        try:
            self._contacts[identity] = self._find(item.contact) or self._new_contact(item.contact, identity)
        except Refused as refusal:
            if refusal.status in (401, 403):
                raise
            self._refuse(item, refusal)

    def _find(self, contact: Mapping[str, str]) -> str | None:
        if external_id := contact.get("external_id"):
            found = self.api.get("/v1/contacts", external_id=external_id, limit=1)["data"]
            return str(found[0]["id"]) if found else None
        for row in self.api.rows("/v1/contacts", limit=100, q=contact.get("name") or contact.get("email")):
            if all((row.get(name) or "").lower() == value.lower() for name, value in contact.items()):
                return str(row["id"])
        return None

    def _new_contact(self, contact: Mapping[str, str], identity: str) -> str:
        name = contact.get("name") or contact.get("email") or contact["external_id"]
        key = f"blg-import-{self.digest}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
        return str(self.api.post("/v1/contacts", {**contact, "name": name}, key=key)["id"])

    def _refuse(self, item: Item, refusal: Refused) -> None:
        faults = "; ".join(f"{one.get('pointer')}: {one.get('message')}" for one in refusal.errors)
        with self._lock:
            self.refused |= dict.fromkeys(item.rows, faults or str(refusal).splitlines()[0])


def _identity(contact: Mapping[str, str]) -> str:
    return "\0".join(f"{name}={contact[name].lower()}" for name in sorted(contact))


def _report(
    context: Context, file_: Path, rows: list[dict[str, str]], counts: dict[str, int], refused: dict[int, str]
) -> None:
    rejected = file_.with_name(f"{file_.name}.rejected.csv")
    if refused:
        _write_rejected(rejected, rows, refused)
    said = {**counts, "rejected": len(refused), "rejected_file": str(rejected) if refused else None}
    lines = [", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())]
    lines += [f"row {number}: {reason}" for number, reason in sorted(refused.items())[:20]]
    lines += [f"{len(refused)} rejected: {rejected}"] if refused else []
    context.output.value(said, lines)
    if refused:
        raise click.exceptions.Exit(SAID_NO)


def _write_rejected(path: Path, rows: list[dict[str, str]], refused: Mapping[int, str]) -> None:
    heads = list(dict.fromkeys(head for row in rows for head in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*heads, "reason"])
        for number, reason in sorted(refused.items()):
            writer.writerow([*(rows[number - 2].get(head, "") for head in heads), reason])
