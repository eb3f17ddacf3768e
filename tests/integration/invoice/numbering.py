"""The proof that numbers have no gaps, by what stands on documents."""

from uuid import UUID

from shared.postgres.pool import Connection


async def gaps(tx: Connection, workspace_id: UUID, series: str) -> int:
    """How many numbers that the series gave out stand on no document: the proof that it is gapless."""
    found: int = await tx.fetchval(
        """SELECT coalesce((SELECT sum(last_number - skipped_count) FROM number_counter
                WHERE workspace_id = $1 AND series = $2), 0)
            - CASE $2
                WHEN 'credit_notes' THEN (SELECT count(*) FROM credit_note WHERE workspace_id = $1)
                WHEN 'quotes' THEN
                    (SELECT count(*) FROM quote WHERE workspace_id = $1 AND number IS NOT NULL)
                ELSE (SELECT count(*) FROM invoice
                    WHERE workspace_id = $1 AND series = $2 AND number IS NOT NULL)
            END""",
        workspace_id,
        series,
    )
    return found
