"""Rows of `e_invoice`. Due times are the database's: workers with skewed clocks must agree on a lease."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import asyncpg

from services.invoice.e_invoices.domain.e_invoice import EInvoice, EInvoiceSent, EInvoiceStatus
from shared.events.e_invoice import EInvoiceFailure, EInvoiceFinding, EInvoiceState
from shared.kernel.errors import raise_not_found
from shared.kernel.leased_work import LeaseLost
from shared.postgres.listing import Found, Listing, Window, in_order, where
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection, Values

_FIXED = (
    "workspace_id id created_at invoice_id credit_note_id number syntax sender receiver document_sha256 "
    "provider submission_guid"
).split()
_CHANGING = (
    "version updated_at status provider_reference failure attempt_count miss_count evidence history rule_set "
    "findings submitted_at delivered_at"
).split()
_NAMES = [*_FIXED, *_CHANGING, "next_step_at", "lease_token"]
_COLUMNS = ", ".join(_NAMES)
_INSERT = Statement(f"""INSERT INTO e_invoice (document, {", ".join([*_FIXED, *_CHANGING])})
VALUES (:document, {places([*_FIXED, *_CHANGING])})""")
_SET = f"UPDATE e_invoice SET ({', '.join(_CHANGING)}) = ROW({places(_CHANGING)})"
_HELD = "WHERE workspace_id = :workspace_id AND id = :id AND lease_token = :lease_token"
_SAVE_STEP = Statement(f"{_SET}, lease_expires_at = clock_timestamp() + :lease::interval {_HELD}")
_FINISH_STEP = Statement(f"""{_SET}, lease_token = NULL, lease_expires_at = NULL,
    next_step_at = CASE WHEN next_step_at IS NOT DISTINCT FROM :next_step_at
        THEN clock_timestamp() + :delay::interval ELSE next_step_at END {_HELD}""")
_REWRITE = Statement(f"""UPDATE e_invoice
SET document = :document, document_sha256 = :document_sha256, rule_set = :rule_set {_HELD}""")
_CLAIM = f"""UPDATE e_invoice SET lease_token = $1, lease_expires_at = clock_timestamp() + $2
WHERE (workspace_id, id) IN (
    SELECT workspace_id, id FROM e_invoice
    WHERE next_step_at <= clock_timestamp()
      AND (lease_expires_at IS NULL OR lease_expires_at < clock_timestamp())
    ORDER BY next_step_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING {_COLUMNS}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EInvoiceFilter:
    """Which e-invoices; `receiver` as `scheme:id`."""

    status: Annotated[Sequence[str] | None, where("status = ANY(:status::text[])")] = None
    invoice_id: Annotated[UUID | None, in_order("invoice_id = :invoice_id")] = None
    credit_note_id: Annotated[UUID | None, in_order("credit_note_id = :credit_note_id")] = None
    receiver: Annotated[str | None, where("receiver = :receiver")] = None
    created_from: Annotated[datetime | None, where("created_at >= :created_from")] = None
    created_before: Annotated[datetime | None, where("created_at < :created_before")] = None


_LIST = Listing(EInvoiceFilter, "e_invoice", _COLUMNS)


async def insert(tx: Connection, e_invoice: EInvoice, document: bytes) -> None:
    """Store a new e-invoice, due at once; raises EInvoiceSent."""
    try:
        await _INSERT.execute(tx, e_invoice, document=document, **_json_columns(e_invoice))
    except asyncpg.UniqueViolationError as error:
        raise EInvoiceSent(field="receiver") from error


async def get(tx: Connection, workspace_id: UUID, e_invoice_id: UUID) -> EInvoice:
    """The e-invoice; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM e_invoice WHERE workspace_id = $1 AND id = $2", workspace_id, e_invoice_id
    )
    return _from_row(dict(row)) if row else raise_not_found("e-invoice", e_invoice_id)


async def document(tx: Connection, workspace_id: UUID, e_invoice_id: UUID) -> bytes:
    """The bytes that are sent; raises NotFound."""
    content: bytes | None = await tx.fetchval(
        "SELECT document FROM e_invoice WHERE workspace_id = $1 AND id = $2", workspace_id, e_invoice_id
    )
    return content if content is not None else raise_not_found("e-invoice", e_invoice_id)


async def is_void(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> bool:
    """Whether the invoice was voided, after it was queued."""
    query = "SELECT status = 'void' FROM invoice WHERE workspace_id = $1 AND id = $2"
    return bool(await tx.fetchval(query, workspace_id, invoice_id))


async def find(tx: Connection, workspace_id: UUID, wanted: EInvoiceFilter, window: Window) -> Found[EInvoice]:
    """E-invoices, newest first."""
    return await _LIST.find(tx, workspace_id, wanted, window, lambda row: _from_row(dict(row)))


async def claim(tx: Connection, token: UUID, lease: timedelta, limit: int) -> list[EInvoice]:
    """Take over what is due and nobody works on."""
    return [_from_row(dict(row)) for row in await tx.fetch(_CLAIM, token, lease, limit)]


async def lock_claimed(tx: Connection, claimed: EInvoice) -> None:
    """Lock the row; raises LeaseLost when another worker has taken it over."""
    token = await tx.fetchval(
        "SELECT lease_token FROM e_invoice WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE",
        claimed.workspace_id,
        claimed.id,
    )
    if token is None or token != claimed.lease_token:
        raise LeaseLost


async def save_step(tx: Connection, e_invoice: EInvoice, lease: timedelta) -> None:
    """Store what must be known before the next call, and hold the lease longer; raises LeaseLost."""
    _require_held(await _SAVE_STEP.execute(tx, e_invoice, lease=lease, **_json_columns(e_invoice)))


async def rewrite(tx: Connection, e_invoice: EInvoice, content: bytes) -> None:
    """Store other bytes of what has not been submitted; raises LeaseLost."""
    _require_held(await _REWRITE.execute(tx, e_invoice, document=content))


async def finish_step(tx: Connection, e_invoice: EInvoice, delay: timedelta | None) -> None:
    """Store the outcome of a step and give the lease back; None: nothing more is expected.

    What was asked for meanwhile (a hint) stays due. Raises LeaseLost when another worker has taken it over.
    """
    _require_held(await _FINISH_STEP.execute(tx, e_invoice, delay=delay, **_json_columns(e_invoice)))


async def wake(tx: Connection, workspace_id: UUID, provider: str, reference: str) -> bool:
    """Look at the submission with this reference now; whether it is known."""
    done = await tx.execute(
        """UPDATE e_invoice SET next_step_at = clock_timestamp()
        WHERE workspace_id = $1 AND provider = $2 AND provider_reference = $3""",
        workspace_id,
        provider,
        reference,
    )
    return bool(int(done.split()[-1]))


async def sent_already(
    tx: Connection, workspace_id: UUID, invoice_id: UUID, receiver: str, sha256: str
) -> UUID | None:
    """The e-invoice that has brought these bytes to the receiver, or is on its way there."""
    e_invoice_id: UUID | None = await tx.fetchval(
        """SELECT id FROM e_invoice WHERE workspace_id = $1 AND invoice_id = $2 AND receiver = $3
        AND document_sha256 = $4 AND status NOT IN ('invalid', 'rejected', 'failed', 'refused')""",
        workspace_id,
        invoice_id,
        receiver,
        sha256,
    )
    return e_invoice_id


def _json_columns(e_invoice: EInvoice) -> dict[str, object]:
    failure = e_invoice.failure
    return {
        "failure": failure.model_dump(mode="json") if failure else None,
        "findings": [finding.model_dump(mode="json") for finding in e_invoice.findings],
        "history": [state.model_dump(mode="json") for state in e_invoice.history],
    }


def _from_row(row: Values) -> EInvoice:
    failure = row["failure"]
    return EInvoice(
        **{
            **row,
            "status": EInvoiceStatus(row["status"]),
            "failure": EInvoiceFailure(**failure) if failure else None,
            "findings": tuple(EInvoiceFinding(**finding) for finding in row["findings"]),
            "history": tuple(EInvoiceState(**state) for state in row["history"]),
        }
    )


def _require_held(done: str) -> None:
    if done != "UPDATE 1":
        raise LeaseLost
