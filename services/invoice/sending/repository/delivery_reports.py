"""SQL of reports of deliveries: which delivery one is about, and whether it was heard before."""

from datetime import timedelta
from uuid import UUID

from services.invoice.sending.domain.delivery import Delivery
from services.invoice.sending.domain.delivery_report import DeliveryReport
from services.invoice.sending.repository.deliveries import COLUMNS, delivery_from_row
from shared.postgres.pool import Connection

# Mail servers give up after five days (RFC 5321 4.5.4.1).
_REPORTED_WITHIN = timedelta(days=10)


async def lock(tx: Connection, workspace_id: UUID, report: DeliveryReport, channel: str) -> Delivery | None:
    """The delivery that the report is about, locked: by our id, else by reference, else by recipient."""
    if report.delivery_id:
        return await _one(tx, "id = $3", workspace_id, channel, report.delivery_id)
    if report.reference:
        return await _one(tx, "provider_reference = $3", workspace_id, channel, report.reference)
    if report.recipient is None:
        return None
    return await _one(
        tx,
        """lower(recipient) = lower($3) AND status IN ('sending', 'sent', 'delivered', 'unknown')
        AND updated_at > now() - $4::interval ORDER BY id DESC LIMIT 1""",
        workspace_id,
        channel,
        report.recipient,
        _REPORTED_WITHIN,
    )


async def insert(tx: Connection, delivery: Delivery, report: DeliveryReport) -> bool:
    """Remember that it was heard; False where it was before."""
    done = await tx.execute(
        """INSERT INTO delivery_report (workspace_id, identity, delivery_id, state, words)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING""",
        delivery.workspace_id,
        report.fingerprint,
        delivery.id,
        report.state,
        report.words,
    )
    return bool(done == "INSERT 0 1")


async def _one(
    tx: Connection, condition: str, workspace_id: UUID, channel: str, *given: object
) -> Delivery | None:
    row = await tx.fetchrow(
        f"""SELECT {COLUMNS} FROM delivery WHERE (workspace_id, id) IN (
            SELECT workspace_id, id FROM delivery
            WHERE workspace_id = $1 AND channel = $2 AND {condition})
        LIMIT 1 FOR NO KEY UPDATE""",
        workspace_id,
        channel,
        *given,
    )
    return delivery_from_row(dict(row)) if row else None
