"""The columns of `invoice` that sending, reminders and payer pages mark; nothing else writes them."""

from services.invoice.invoices.domain.invoice import Invoice
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

_SAVE = Statement("""
UPDATE invoice SET version = :version, updated_at = :updated_at, sent_at = :sent_at, opened_at = :opened_at,
    reminder_level = :reminder_level, reminded_at = :reminded_at, reminders_paused = :reminders_paused
WHERE workspace_id = :workspace_id AND id = :id
""")


async def save(tx: Connection, invoice: Invoice) -> None:
    """Store the invoice's marks, and its version with them; the caller holds its lock."""
    await _SAVE.execute(tx, invoice)
