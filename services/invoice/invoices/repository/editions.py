"""Earlier editions of issued invoices, and what credit settled when they were issued."""

from dataclasses import astuple, fields
from uuid import UUID

from services.invoice.invoices.domain.edition import Edition
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_NAMES = [field.name for field in fields(Edition)]
_COLUMNS = ", ".join(_NAMES)
_PLACES = ", ".join(f"${number}" for number in range(1, len(_NAMES) + 1))


async def keep(tx: Connection, edition: Edition) -> None:
    """Store what an edition said that another one follows."""
    await tx.execute(f"INSERT INTO invoice_edition ({_COLUMNS}) VALUES ({_PLACES})", *astuple(edition))


async def get(tx: Connection, workspace_id: UUID, invoice_id: UUID, edition: int) -> Edition:
    """What an earlier edition said; raises NotFound."""
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM invoice_edition
        WHERE workspace_id = $1 AND invoice_id = $2 AND edition = $3""",
        workspace_id,
        invoice_id,
        edition,
    )
    return Edition(**row) if row else raise_not_found("edition", invoice_id)


async def lacks_settled(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> tuple[bool, bool]:
    """Whether nobody has said yet what credit settled of the issued invoice, and whether there may be some.

    A void or deleted invoice, a draft, and one that asks for nothing lack nothing.
    """
    row = await tx.fetchrow(
        """SELECT true AS lacks, coalesce(balance.amount_minor, 0) > 0 AS has_credit
        FROM invoice LEFT JOIN contact_credit_balance balance ON balance.workspace_id = invoice.workspace_id
            AND balance.contact_id = invoice.contact_id AND balance.currency = invoice.currency
        WHERE invoice.workspace_id = $1 AND invoice.id = $2 AND issued_at IS NOT NULL
            AND status <> 'void' AND total_minor > 0 AND settled_at_issue_minor IS NULL""",
        workspace_id,
        invoice_id,
    )
    return (row["lacks"], row["has_credit"]) if row else (False, False)


async def note_settled(tx: Connection, workspace_id: UUID, invoice_id: UUID, settled_minor: int) -> bool:
    """Store what credit settled when the invoice was issued, once; whether this was the first word of it."""
    done = await tx.execute(
        """UPDATE invoice SET settled_at_issue_minor = $3
        WHERE workspace_id = $1 AND id = $2 AND settled_at_issue_minor IS NULL""",
        workspace_id,
        invoice_id,
        settled_minor,
    )
    return bool(int(done.split()[-1]))
