"""SQL of bank lines: inserted once, then only what was decided of them changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from asyncpg import Record
from pydantic_core import to_json

from services.payment.bank_files.domain.statement import (
    BankEntry,
    Counterparty,
    InstructedAmount,
    Remittance,
)
from services.payment.bank_lines.domain.line import BankLine, IgnoredAs, LineState, Rule
from services.payment.bank_lines.domain.matching import METHOD, RegisteredPayment
from shared.kernel.errors import raise_not_found
from shared.kernel.json import JsonObject
from shared.postgres.listing import Found, Listing, Window, where
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

_COLUMNS = """workspace_id, id, version, created_at, updated_at, bank_account_id, import_id, statement_id,
    booked_on, amount_minor, currency, counterparty_name, counterparty_iban_encrypted AS iban_envelope, text,
    bank_reference,
    end_to_end_id, details, state, rule, evidence, candidate_ids, payment_id, has_made_payment, ignored_as,
    reason, decided_by, decided_at"""
_INSERT = Statement("""
INSERT INTO bank_line (workspace_id, id, version, created_at, updated_at, bank_account_id, import_id,
    statement_id, fingerprint, occurrence, booked_on, amount_minor, currency, counterparty_name,
    counterparty_iban_encrypted, counterparty_iban_last4, text, bank_reference, end_to_end_id, details, state)
SELECT * FROM unnest(:workspace_id::uuid[], :id::uuid[], :version::bigint[], :created_at::timestamptz[],
    :updated_at::timestamptz[], :bank_account_id::uuid[], :import_id::uuid[], :statement_id::uuid[],
    :fingerprint::bytea[], :occurrence::integer[], :booked_on::date[], :amount_minor::bigint[],
    :currency::text[], :counterparty_name::text[], :counterparty_iban_encrypted::bytea[],
    :counterparty_iban_last4::text[], :text::text[], :bank_reference::text[], :end_to_end_id::text[],
    :details::jsonb[], :state::text[])
ON CONFLICT ON CONSTRAINT bank_line_once DO NOTHING
RETURNING id
""")
_SAVE = Statement("""
UPDATE bank_line SET version = new.version, updated_at = new.updated_at, state = new.state, rule = new.rule,
    evidence = new.evidence::jsonb,
    candidate_ids = ARRAY(SELECT jsonb_array_elements_text(new.candidate_ids::jsonb)::uuid),
    payment_id = new.payment_id, has_made_payment = new.has_made_payment, ignored_as = new.ignored_as,
    reason = new.reason, decided_by = new.decided_by, decided_at = new.decided_at
FROM unnest(:workspace_id::uuid[], :id::uuid[], :version::bigint[], :updated_at::timestamptz[],
    :state::text[], :rule::text[], :evidence::text[], :candidate_ids::text[], :payment_id::uuid[],
    :has_made_payment::boolean[], :ignored_as::text[], :reason::text[], :decided_by::text[],
    :decided_at::timestamptz[]) AS new (workspace_id, id, version, updated_at, state, rule, evidence,
    candidate_ids, payment_id, has_made_payment, ignored_as, reason, decided_by, decided_at)
WHERE bank_line.workspace_id = new.workspace_id AND bank_line.id = new.id
""")
_REGISTERED = """
SELECT p.id, p.amount_minor, p.currency, p.paid_on, p.external_reference,
    (SELECT array_agg(r.number) || array_agg(r.reference) FROM allocation a
        JOIN receivable r ON r.workspace_id = a.workspace_id AND r.invoice_id = a.invoice_id
        WHERE a.workspace_id = p.workspace_id AND a.payment_id = p.id AND a.live_minor > 0) AS names
FROM payment p
WHERE p.workspace_id = $1 AND p.method = $2 AND p.state = 'succeeded' AND p.provider IS NULL
    AND p.subscription_id IS NULL AND p.paid_on BETWEEN $3 AND $4 AND p.amount_minor = ANY($5::bigint[])
    AND NOT EXISTS (SELECT FROM bank_line l WHERE l.workspace_id = p.workspace_id AND l.payment_id = p.id)
ORDER BY p.id FOR NO KEY UPDATE OF p SKIP LOCKED
"""
_CANDIDATES = """
SELECT invoice_id, number, reference, contact_id, currency,
    total_minor - paid_minor - credited_minor AS amount_due_minor
FROM receivable WHERE workspace_id = $1 AND invoice_id = ANY($2::uuid[])
"""


def _anywhere(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLineFilter:
    """Which lines; days are inclusive, `q` is a part of name or text."""

    state: Annotated[LineState | None, where("state = :state")] = None
    account_id: Annotated[UUID | None, where("bank_account_id = :account_id")] = None
    import_id: Annotated[UUID | None, where("import_id = :import_id")] = None
    statement_id: Annotated[UUID | None, where("statement_id = :statement_id")] = None
    payment_id: Annotated[UUID | None, where("payment_id = :payment_id")] = None
    amount_minor: Annotated[int | None, where("amount_minor = :amount_minor")] = None
    booked_from: Annotated[date | None, where("booked_on >= :booked_from")] = None
    booked_to: Annotated[date | None, where("booked_on <= :booked_to")] = None
    q: Annotated[str | None, where("text ILIKE :q OR counterparty_name ILIKE :q", q=_anywhere)] = None


@dataclass(frozen=True, slots=True)
class LineCandidate:
    """An invoice that a line may be for; minor units of `currency`."""

    invoice_id: UUID
    number: str
    reference: str | None
    contact_id: UUID
    currency: str
    amount_due_minor: int


_LIST = Listing(BankLineFilter, "bank_line", _COLUMNS)


async def insert(tx: Connection, lines: Sequence[BankLine], marks: Sequence[tuple[bytes, int]]) -> set[UUID]:
    """Store lines, each with its fingerprint and occurrence; which were new."""
    entries = [line.entry for line in lines]
    rows = await _INSERT.fetch_many(
        tx,
        lines,
        fingerprint=[fingerprint for fingerprint, _ in marks],
        occurrence=[occurrence for _, occurrence in marks],
        booked_on=[entry.booked_on for entry in entries],
        amount_minor=[entry.amount_minor for entry in entries],
        currency=[entry.currency for entry in entries],
        counterparty_name=[entry.counterparty.name for entry in entries],
        counterparty_iban_encrypted=[line.iban_envelope for line in lines],
        counterparty_iban_last4=[(entry.counterparty.iban or "")[-4:] or None for entry in entries],
        text=[entry.remittance.text for entry in entries],
        bank_reference=[entry.bank_reference for entry in entries],
        end_to_end_id=[entry.remittance.end_to_end_id for entry in entries],
        details=[_details(entry) for entry in entries],
    )
    return {row["id"] for row in rows}


async def get(tx: Connection, workspace_id: UUID, line_id: UUID) -> BankLine:
    """The line; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM bank_line WHERE workspace_id = $1 AND id = $2", workspace_id, line_id
    )
    return _line(row) if row else raise_not_found("bank line", line_id)


async def lock(tx: Connection, workspace_id: UUID, line_id: UUID) -> BankLine:
    """The line, locked against other decisions; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM bank_line WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE",
        workspace_id,
        line_id,
    )
    return _line(row) if row else raise_not_found("bank line", line_id)


async def find(
    tx: Connection, workspace_id: UUID, filters: BankLineFilter, window: Window
) -> Found[BankLine]:
    """Lines, newest first."""
    return await _LIST.find(tx, workspace_id, filters, window, _line)


async def next_workspace(tx: Connection, after: UUID | None) -> UUID | None:
    """A workspace with lines that nobody has looked at, the next one behind `after` where there are more."""
    workspace_id: UUID | None = await tx.fetchval(
        """SELECT workspace_id FROM bank_line WHERE state = 'imported'
        ORDER BY $1::uuid IS NOT NULL AND workspace_id <= $1, workspace_id LIMIT 1""",
        after,
    )
    return workspace_id


async def lock_imported(
    tx: Connection, workspace_id: UUID, limit: int, among: Sequence[UUID] | None = None
) -> list[BankLine]:
    """The oldest lines that nobody has looked at and nobody else is looking at, locked."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM bank_line
        WHERE workspace_id = $1 AND state = 'imported' AND ($3::uuid[] IS NULL OR id = ANY($3))
        ORDER BY id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED""",
        workspace_id,
        limit,
        among,
    )
    return [_line(row) for row in rows]


async def lock_registered(
    tx: Connection, workspace_id: UUID, lines: Sequence[BankLine], within: timedelta
) -> list[RegisteredPayment]:
    """Payments registered by hand, without a line, of the amount and near the day of one of these, locked."""
    days = [line.entry.booked_on for line in lines]
    rows = await tx.fetch(
        _REGISTERED,
        workspace_id,
        METHOD,
        min(days) - within,
        max(days) + within,
        [line.entry.amount_minor for line in lines],
    )
    return [
        RegisteredPayment(
            row["id"],
            row["amount_minor"],
            row["currency"],
            row["paid_on"],
            tuple(name for name in (row["external_reference"], *(row["names"] or ())) if name),
        )
        for row in rows
    ]


async def save(tx: Connection, lines: Sequence[BankLine]) -> None:
    """Store what was decided of lines."""
    await _SAVE.execute_many(
        tx,
        lines,
        evidence=[to_json(line.evidence).decode() for line in lines],
        candidate_ids=[to_json(line.candidate_ids).decode() for line in lines],
    )


async def candidates(
    tx: Connection, workspace_id: UUID, lines: Iterable[BankLine]
) -> Mapping[UUID, LineCandidate]:
    """The invoices that these lines may be for, by id."""
    ids = list({id_ for line in lines for id_ in line.candidate_ids})
    rows = await tx.fetch(_CANDIDATES, workspace_id, ids) if ids else []
    return {row["invoice_id"]: LineCandidate(**row) for row in rows}


async def method_of(tx: Connection, workspace_id: UUID, payment_id: UUID) -> str:
    """By which method a payment came; raises NotFound."""
    method: str | None = await tx.fetchval(
        "SELECT method FROM payment WHERE workspace_id = $1 AND id = $2", workspace_id, payment_id
    )
    return method or raise_not_found("payment", payment_id)


def _details(entry: BankEntry) -> JsonObject:
    """What has no column: shown, and needed to have the entry whole again."""
    remittance = entry.remittance
    told = {
        "value_on": entry.value_on and entry.value_on.isoformat(),
        "counterparty_bic": entry.counterparty.bic,
        "ultimate_name": entry.counterparty.ultimate_name,
        "structured": list(remittance.structured),
        "mandate_id": remittance.mandate_id,
        "creditor_id": remittance.creditor_id,
        "transaction_code": entry.transaction_code,
        "return_code": entry.return_code,
        "is_reversal": entry.is_reversal,
        "charges_minor": entry.charges_minor,
        "instructed": _instructed(entry.instructed),
        "details_of": entry.details_of,
        "notices": list(entry.notices),
    }
    return {name: value for name, value in told.items() if value}


def _instructed(amount: InstructedAmount | None) -> JsonObject | None:
    if amount is None:
        return None
    rate = amount.exchange_rate
    return {**asdict(amount), "exchange_rate": None if rate is None else f"{rate:f}"}


def _line(row: Record) -> BankLine:
    values = dict(row)
    entry = _entry(row, values.pop("details"))
    for name in ("booked_on", "amount_minor", "currency", "counterparty_name", "text", "bank_reference"):
        del values[name]
    del values["end_to_end_id"]
    return BankLine(
        **values
        | {
            "entry": entry,
            "state": LineState(values["state"]),
            "rule": Rule(values["rule"]) if values["rule"] else None,
            "ignored_as": IgnoredAs(values["ignored_as"]) if values["ignored_as"] else None,
            "evidence": tuple(values["evidence"]),
            "candidate_ids": tuple(values["candidate_ids"]),
            "iban_envelope": values["iban_envelope"],
        }
    )


def _entry(row: Record, details: JsonObject) -> BankEntry:
    instructed = details.get("instructed")
    return BankEntry(
        booked_on=row["booked_on"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        value_on=date.fromisoformat(details["value_on"]) if "value_on" in details else None,
        bank_reference=row["bank_reference"],
        counterparty=Counterparty(
            row["counterparty_name"],
            None,
            details.get("counterparty_bic"),
            details.get("ultimate_name"),
        ),
        remittance=Remittance(
            row["text"],
            tuple(details.get("structured", ())),
            row["end_to_end_id"],
            details.get("mandate_id"),
            details.get("creditor_id"),
        ),
        transaction_code=details.get("transaction_code"),
        return_code=details.get("return_code"),
        is_reversal=details.get("is_reversal", False),
        charges_minor=details.get("charges_minor", 0),
        instructed=instructed
        and InstructedAmount(
            instructed["amount_minor"],
            instructed["currency"],
            instructed["exchange_rate"] and Decimal(instructed["exchange_rate"]),
        ),
        details_of=details.get("details_of"),
        notices=tuple(details.get("notices", ())),
    )
