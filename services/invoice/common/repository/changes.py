"""SQL of the change log: append-only, one row a change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.postgres.pool import Connection

_INSERT = """
INSERT INTO change_log (workspace_id, resource, resource_id, sequence, types, actor, request_id, occurred_at,
    data_sha256)
SELECT workspace_id, resource, resource_id, sequence, string_to_array(types, ' '), $6, $7, occurred_at, sha256
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[], $8::timestamptz[], $9::bytea[])
    AS change (workspace_id, resource, resource_id, sequence, types, occurred_at, sha256)
"""


_TIMELINE = """
SELECT sequence, types, actor, occurred_at, NULL AS channel, NULL::smallint AS level, NULL AS recipient,
    NULL AS detail,
    NULL::uuid AS payment_id, NULL::bigint AS amount_minor, NULL AS currency, 1 AS place, position
FROM change_log
WHERE workspace_id = $1 AND resource = $2 AND resource_id = $3
UNION ALL
SELECT (credit_note.invoice->>'version')::bigint, types, actor, occurred_at, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, 1, position
FROM credit_note
JOIN change_log ON change_log.workspace_id = credit_note.workspace_id
    AND resource = 'credit_note' AND resource_id = credit_note.id
WHERE credit_note.workspace_id = $1 AND $2 = 'invoice' AND credit_note.invoice_id = $3
UNION ALL
SELECT event.sequence, ARRAY['delivery.' || type], actor, occurred_at, channel, level, recipient, detail,
    NULL, NULL, NULL, 2, position
FROM delivery JOIN delivery_event AS event
    ON event.workspace_id = delivery.workspace_id AND event.delivery_id = delivery.id
WHERE delivery.workspace_id = $1 AND delivery.document_id = $3
UNION ALL
SELECT coalesce((SELECT max(sequence) FROM change_log WHERE workspace_id = $1 AND resource = 'invoice'
        AND resource_id = $3 AND change_log.position < log.position), 1),
    ARRAY['e_invoice.' || (state->>'status')], actor, occurred_at, NULL, NULL, receiver,
    coalesce(state->>'message', state->>'code'), NULL, NULL, NULL, 3, log.position
FROM e_invoice
CROSS JOIN jsonb_array_elements(e_invoice.history) WITH ORDINALITY AS told (state, version_then)
JOIN change_log AS log ON log.workspace_id = e_invoice.workspace_id
    AND log.resource = 'e_invoice' AND log.resource_id = e_invoice.id AND log.sequence = version_then
WHERE e_invoice.workspace_id = $1 AND $2 = 'invoice' AND e_invoice.invoice_id = $3
UNION ALL
SELECT fact.invoice_version, ARRAY[fact.type], fact.actor, fact.occurred_at, NULL, NULL, NULL, NULL,
    fact.payment_id, fact.amount_minor, fact.currency, 0, fact.position
FROM payment_fact AS fact
WHERE fact.workspace_id = $1 AND $2 = 'invoice' AND fact.invoice_id = $3 AND NOT (
    -- Told by its own name at the same version.
    fact.type = 'payment.updated' AND EXISTS (
        SELECT FROM payment_fact AS other WHERE other.workspace_id = $1 AND other.invoice_id = $3
            AND other.payment_id = fact.payment_id AND other.sequence = fact.sequence
            AND other.type <> 'payment.updated'))
ORDER BY sequence, place, position
"""


async def insert(
    tx: Connection,
    changes: Sequence[tuple[UUID, str, UUID, int, str, datetime, bytes]],
    actor: str,
    request_id: str | None,
) -> None:
    """Append changes: workspace, resource, id, sequence, event types (space-separated), time, digest."""
    workspaces, resources, ids, sequences, types, times, digests = (
        list(column) for column in zip(*changes, strict=True)
    )
    await tx.execute(_INSERT, workspaces, resources, ids, sequences, types, actor, request_id, times, digests)


async def timeline(
    tx: Connection, workspace_id: UUID, resource: str, resource_id: UUID
) -> list[dict[str, Any]]:
    """All changes of one resource, oldest first; an invoice's credit notes with the change that each made.

    What happened to its deliveries and e-invoices stands at the version that it had then.
    """
    rows = await tx.fetch(_TIMELINE, workspace_id, resource, resource_id)
    return [dict(row) for row in rows]
