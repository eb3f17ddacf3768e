"""SQL of e-invoices. Due times are the database's: workers with skewed clocks must agree on a lease."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.invoice.common.repository.patterns import END
from services.invoice.e_invoices.domain.e_invoice import EInvoice, EInvoiceSent, EInvoiceStatus, LeaseLost
from services.invoice.e_invoices.domain.facts import EInvoiceFailure, EInvoiceFinding, EInvoiceState
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

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
_INSERT = f"""INSERT INTO e_invoice (document, {", ".join([*_FIXED, *_CHANGING])})
VALUES ({", ".join(f"${place}" for place in range(1, len(_FIXED) + len(_CHANGING) + 2))})"""
# What was asked for meanwhile (a hint) stays due.
_SAVE = f"""UPDATE e_invoice SET ({", ".join(_CHANGING)})
    = ROW({", ".join(f"${place}" for place in range(4, len(_CHANGING) + 4))}), """
_AFTER = len(_CHANGING) + 4
_HELD = "WHERE workspace_id = $1 AND id = $2 AND lease_token = $3"
_CLAIM = f"""UPDATE e_invoice SET lease_token = $1, lease_expires_at = clock_timestamp() + $2
WHERE (workspace_id, id) IN (
    SELECT workspace_id, id FROM e_invoice
    WHERE next_step_at <= clock_timestamp()
      AND (lease_expires_at IS NULL OR lease_expires_at < clock_timestamp())
    ORDER BY next_step_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING {_COLUMNS}"""
_FILTERS = """workspace_id = $1
  AND ($2::text[] IS NULL OR status = ANY($2))
  AND ($3::uuid IS NULL OR invoice_id = $3)
  AND ($4::uuid IS NULL OR credit_note_id = $4)
  AND ($5::text IS NULL OR receiver = $5)
  AND ($6::timestamptz IS NULL OR created_at >= $6)
  AND ($7::timestamptz IS NULL OR created_at < $7)"""
FILTERS = ("status", "invoice_id", "credit_note_id", "receiver", "created_from", "created_before")


async def insert(tx: Connection, e_invoice: EInvoice, document: bytes) -> None:
    """Store a new e-invoice, due at once; raises EInvoiceSent."""
    try:
        await tx.execute(_INSERT, document, *_values(e_invoice, (*_FIXED, *_CHANGING)))
    except asyncpg.UniqueViolationError as error:
        raise EInvoiceSent(field="receiver") from error


async def get(tx: Connection, workspace_id: UUID, e_invoice_id: UUID) -> EInvoice:
    """The e-invoice; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM e_invoice WHERE workspace_id = $1 AND id = $2", workspace_id, e_invoice_id
    )
    return _e_invoice(row) if row else raise_not_found("e-invoice", e_invoice_id)


async def document(tx: Connection, workspace_id: UUID, e_invoice_id: UUID) -> bytes:
    """The bytes that are sent; raises NotFound."""
    found: bytes | None = await tx.fetchval(
        "SELECT document FROM e_invoice WHERE workspace_id = $1 AND id = $2", workspace_id, e_invoice_id
    )
    return found if found is not None else raise_not_found("e-invoice", e_invoice_id)


async def is_void(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> bool:
    """Whether the invoice was voided, after it was queued."""
    query = "SELECT status = 'void' FROM invoice WHERE workspace_id = $1 AND id = $2"
    return bool(await tx.fetchval(query, workspace_id, invoice_id))


async def find(tx: Connection, workspace_id: UUID, filters: Mapping[str, Any]) -> list[EInvoice]:
    """E-invoices, newest first: those of FILTERS, and the slice."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM e_invoice WHERE {_FILTERS}
        AND id < coalesce($8::uuid, '{END}'::uuid) ORDER BY id DESC LIMIT $9 OFFSET $10""",
        workspace_id,
        *(filters[name] for name in FILTERS),
        filters["after"],
        filters["limit"],
        filters["offset"],
    )
    return [_e_invoice(row) for row in rows]


async def count(tx: Connection, workspace_id: UUID, filters: Mapping[str, Any]) -> int:
    """How many e-invoices the filters find."""
    found: int = await tx.fetchval(
        f"SELECT count(*) FROM e_invoice WHERE {_FILTERS}", workspace_id, *(filters[name] for name in FILTERS)
    )
    return found


async def claim(tx: Connection, token: UUID, lease: timedelta, limit: int) -> list[EInvoice]:
    """Take over what is due and nobody works on."""
    return [_e_invoice(row) for row in await tx.fetch(_CLAIM, token, lease, limit)]


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
    done = await tx.execute(
        f"{_SAVE} lease_expires_at = clock_timestamp() + ${_AFTER} {_HELD}",
        *_held(e_invoice),
        *_values(e_invoice, _CHANGING),
        lease,
    )
    _require_one(done)


async def rewrite(tx: Connection, e_invoice: EInvoice, content: bytes) -> None:
    """Store other bytes of what has not been submitted; raises LeaseLost."""
    done = await tx.execute(
        """UPDATE e_invoice SET document = $4, document_sha256 = $5, rule_set = $6
        WHERE workspace_id = $1 AND id = $2 AND lease_token = $3""",
        *_held(e_invoice),
        content,
        e_invoice.document_sha256,
        e_invoice.rule_set,
    )
    _require_one(done)


async def finish_step(tx: Connection, e_invoice: EInvoice, delay: timedelta | None) -> None:
    """Store the outcome of a step and give the lease back; None: nothing more is expected.

    What was asked for meanwhile (a hint) stays due. Raises LeaseLost when another worker has taken it over.
    """
    done = await tx.execute(
        f"""{_SAVE} next_step_at = CASE WHEN next_step_at IS NOT DISTINCT FROM ${_AFTER}
                THEN clock_timestamp() + ${_AFTER + 1} ELSE next_step_at END,
            lease_token = NULL, lease_expires_at = NULL {_HELD}""",
        *_held(e_invoice),
        *_values(e_invoice, _CHANGING),
        e_invoice.next_step_at,
        delay,
    )
    _require_one(done)


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
    found: UUID | None = await tx.fetchval(
        """SELECT id FROM e_invoice WHERE workspace_id = $1 AND invoice_id = $2 AND receiver = $3
        AND document_sha256 = $4 AND status NOT IN ('invalid', 'rejected', 'failed', 'refused')""",
        workspace_id,
        invoice_id,
        receiver,
        sha256,
    )
    return found


def _held(e_invoice: EInvoice) -> tuple[UUID, UUID, UUID | None]:
    return e_invoice.workspace_id, e_invoice.id, e_invoice.lease_token


def _values(e_invoice: EInvoice, names: Any) -> list[Any]:
    return [_column(getattr(e_invoice, name)) for name in names]


def _column(value: Any) -> Any:
    if isinstance(value, tuple):
        return [one.model_dump(mode="json") for one in value]
    return value.model_dump(mode="json") if isinstance(value, EInvoiceFailure) else value


def _e_invoice(row: Any) -> EInvoice:
    fields = dict(row)
    failure = fields.pop("failure")
    return EInvoice(
        **fields
        | {
            "status": EInvoiceStatus(fields["status"]),
            "failure": EInvoiceFailure(**failure) if failure else None,
            "findings": tuple(EInvoiceFinding(**one) for one in fields["findings"]),
            "history": tuple(EInvoiceState(**one) for one in fields["history"]),
        }
    )


def _require_one(done: str) -> None:
    if done != "UPDATE 1":
        raise LeaseLost
