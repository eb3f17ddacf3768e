"""SQL of what happened to invoices' money; only ever added to."""

from collections.abc import Sequence
from dataclasses import astuple

from services.invoice.invoices.domain.payment_fact import PaymentFact
from shared.postgres.pool import Connection

_INSERT = """
INSERT INTO payment_fact (workspace_id, invoice_id, payment_id, sequence, type, actor, amount_minor,
    currency, occurred_at, invoice_version)
SELECT new.*, invoice.version
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::bigint[],
    $8::text[], $9::timestamptz[])
    AS new (workspace_id, invoice_id, payment_id, sequence, type, actor, amount_minor, currency, at)
JOIN invoice ON invoice.workspace_id = new.workspace_id AND invoice.id = new.invoice_id
ON CONFLICT DO NOTHING
"""


async def insert(tx: Connection, facts: Sequence[PaymentFact]) -> None:
    """Store what happened, once, at the version that each invoice has now."""
    await tx.execute(_INSERT, *(list(column) for column in zip(*map(astuple, facts), strict=True)))
