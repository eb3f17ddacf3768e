"""What is known of one invoice, payment, subscription or message, as the services told it at one moment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from shared.kernel.json import JsonMapping
from shared.kernel.money import to_major

Severity = Literal["info", "attention", "problem"]
"""How it stands; somebody may want to look; nothing will go on by itself."""
Rows = Sequence[JsonMapping]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that explains where the subject stands. `refs` are ids by what they are of."""

    code: str
    severity: Severity
    text: str
    refs: Mapping[str, str] = field(default_factory=dict)


Findings = Iterator[Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The parts by name, as the API shows them. None: it has none, was not asked for, or did not answer.

    `now` is the workspace's own time, `real_now` that in which webhooks go out.
    """

    now: datetime
    real_now: datetime
    zone: str = "Europe/Amsterdam"
    invoice: JsonMapping | None = None
    contact: JsonMapping | None = None
    receivable: JsonMapping | None = None
    knows_receivable: bool = True
    payments: Rows | None = None
    credit_balances: Rows | None = None
    payment_methods: Rows | None = None
    credit_notes: Rows | None = None
    bank_lines: Rows | None = None
    deliveries: Rows | None = None
    reminders: JsonMapping | None = None
    e_invoices: Rows | None = None
    dunning: Rows | None = None
    subscription: JsonMapping | None = None
    waiting_billings: Rows | None = None
    message: JsonMapping | None = None
    webhooks: Rows | None = None
    endpoints: Rows | None = None

    @property
    def today(self) -> date:
        """The day in the workspace's zone."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    @property
    def issued_invoice(self) -> JsonMapping | None:
        """The invoice once it has a number."""
        return self.invoice if self.invoice and self.invoice["status"] != "draft" else None

    @property
    def unpaid_invoice(self) -> JsonMapping | None:
        """The issued invoice while money is due on it."""
        invoice = self.issued_invoice
        return (
            invoice if invoice and invoice["status"] == "open" and invoice["amount_due_minor"] > 0 else None
        )

    def day(self, value: str | date | None) -> str:
        """A day, or an instant's day in the workspace's zone, as people write it: `3 Nov 2026`."""
        if value is None:
            return "an unknown day"
        moment = parse(value) if isinstance(value, str) else value
        if isinstance(moment, datetime):
            moment = moment.astimezone(ZoneInfo(self.zone)).date()
        return f"{moment.day} {moment:%b %Y}"

    def moment(self, value: str) -> str:
        """An instant in the workspace's zone: `3 Nov 2026 14:05`."""
        at = parse_instant(value).astimezone(ZoneInfo(self.zone))
        return f"{at.day} {at:%b %Y %H:%M}"


def parse(text: str) -> date | datetime:
    """The day or instant that the API wrote."""
    return date.fromisoformat(text) if len(text) == len("2026-11-03") else parse_instant(text)


def parse_instant(text: str) -> datetime:
    """The instant that the API wrote."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def amount(minor: int, currency: str) -> str:
    """An amount as people read it: `1,210.00 EUR`."""
    return f"{to_major(minor, currency):,} {currency}"


def money(row: JsonMapping, name: str) -> str:
    """The amount in this field of a row that has a currency."""
    return amount(row[name], row["currency"])


def several(count: int, noun: str) -> str:
    """A count with its noun: `1 attempt`, `4 attempts`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
