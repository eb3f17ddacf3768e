"""SQL of the copies of contacts."""

from uuid import UUID

from shared.events.contact import ContactData
from shared.postgres.pool import Connection


async def store(tx: Connection, workspace_id: UUID, contact: ContactData) -> bool:
    """Keep the newest snapshot of the contact; returns whether it was news."""
    done = await tx.execute(
        """INSERT INTO contact_copy (workspace_id, contact_id, sequence, name, external_id, is_archived)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (workspace_id, contact_id) DO UPDATE SET sequence = excluded.sequence,
            name = excluded.name, external_id = excluded.external_id, is_archived = excluded.is_archived
        WHERE contact_copy.sequence < excluded.sequence""",
        workspace_id,
        contact.id,
        contact.version,
        contact.name,
        contact.external_id,
        contact.archived_at is not None,
    )
    return done == "INSERT 0 1"
