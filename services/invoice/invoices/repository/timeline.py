"""What happened to an invoice: its changes, deliveries, e-invoices, credit notes, and its money."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from services.invoice.invoices.domain.payment_fact import PaymentFact
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

_TIMELINE = """
SELECT sequence, types, actor, occurred_at, NULL AS channel, NULL::smallint AS level, NULL AS recipient,
    NULL AS detail,
    NULL::uuid AS payment_id, NULL::bigint AS amount_minor, NULL AS currency, 1 AS place, position,
    NULL::bigint AS payment_sequence
FROM change_log
WHERE workspace_id = :workspace_id AND resource = 'invoice' AND resource_id = :invoice_id
UNION ALL
SELECT (credit_note.invoice->>'version')::bigint, types, actor, occurred_at, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, 1, position, NULL
FROM credit_note
JOIN change_log ON change_log.workspace_id = credit_note.workspace_id
    AND resource = 'credit_note' AND resource_id = credit_note.id
WHERE credit_note.workspace_id = :workspace_id AND credit_note.invoice_id = :invoice_id
UNION ALL
SELECT event.sequence, ARRAY['delivery.' || type], actor, occurred_at, channel, level, recipient, detail,
    NULL, NULL, NULL, 2, position, NULL
FROM delivery JOIN delivery_event AS event
    ON event.workspace_id = delivery.workspace_id AND event.delivery_id = delivery.id
WHERE delivery.workspace_id = :workspace_id AND delivery.document_id = :invoice_id
UNION ALL
SELECT coalesce((SELECT max(sequence) FROM change_log WHERE workspace_id = :workspace_id
        AND resource = 'invoice' AND resource_id = :invoice_id AND change_log.position < log.position), 1),
    ARRAY['e_invoice.' || (state->>'status')], actor, occurred_at, NULL, NULL, receiver,
    coalesce(state->>'message', state->>'code'), NULL, NULL, NULL, 3, log.position, NULL
FROM e_invoice
CROSS JOIN jsonb_array_elements(e_invoice.history) WITH ORDINALITY AS told (state, version_then)
JOIN change_log AS log ON log.workspace_id = e_invoice.workspace_id
    AND log.resource = 'e_invoice' AND log.resource_id = e_invoice.id AND log.sequence = version_then
WHERE e_invoice.workspace_id = :workspace_id AND e_invoice.invoice_id = :invoice_id
UNION ALL
SELECT max(fact.invoice_version) OVER earlier, ARRAY[fact.type], fact.actor, fact.occurred_at,
    NULL, NULL, NULL, NULL, fact.payment_id, fact.amount_minor, fact.currency, 0,
    max(fact.position) OVER earlier, fact.sequence
FROM payment_fact AS fact
WHERE fact.workspace_id = :workspace_id AND fact.invoice_id = :invoice_id AND NOT (
    -- Told by its own name at the same version.
    fact.type = 'payment.updated' AND EXISTS (
        SELECT FROM payment_fact AS other WHERE other.workspace_id = :workspace_id
            AND other.invoice_id = :invoice_id AND other.payment_id = fact.payment_id
            AND other.sequence = fact.sequence
            AND other.type <> 'payment.updated'))
-- What happened to a payment may be heard of in another order: nothing stands before what came before it.
WINDOW earlier AS (PARTITION BY fact.payment_id ORDER BY fact.sequence)
ORDER BY sequence, place, position, payment_sequence
"""
_READ = Statement(_TIMELINE)
_INSERT_FACTS = Statement("""
INSERT INTO payment_fact (workspace_id, invoice_id, payment_id, sequence, type, actor, amount_minor,
    currency, occurred_at, invoice_version)
SELECT new.*, invoice.version
FROM unnest(:workspace_id::uuid[], :invoice_id::uuid[], :payment_id::uuid[], :sequence::bigint[],
    :type::text[], :actor::text[], :amount_minor::bigint[], :currency::text[], :occurred_at::timestamptz[])
    AS new (workspace_id, invoice_id, payment_id, sequence, type, actor, amount_minor, currency, at)
JOIN invoice ON invoice.workspace_id = new.workspace_id AND invoice.id = new.invoice_id
ON CONFLICT DO NOTHING
""")


async def read(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> list[Record]:
    """All that happened to the invoice, oldest first; its credit notes with the change that each made.

    What happened to its deliveries and e-invoices stands at the version that it had then.
    """
    return await _READ.fetch(tx, workspace_id=workspace_id, invoice_id=invoice_id)


async def insert_payment_facts(tx: Connection, facts: Sequence[PaymentFact]) -> None:
    """Store what happened to invoices' money, once, at the version that each invoice has now."""
    await _INSERT_FACTS.execute_many(tx, facts)
