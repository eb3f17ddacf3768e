"""SQL of the copies of contacts."""

from dataclasses import astuple
from uuid import UUID

from services.subscription_renewal.copies.domain.contact import Contact
from shared.postgres.pool import Connection


async def store(tx: Connection, contact: Contact) -> bool:
    """Keep the newest copy of the contact; returns whether it was news."""
    done: str = await tx.execute(
        """INSERT INTO contact_copy (workspace_id, contact_id, sequence, name, external_id, is_archived)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (workspace_id, contact_id) DO UPDATE SET sequence = excluded.sequence,
            name = excluded.name, external_id = excluded.external_id, is_archived = excluded.is_archived
        WHERE contact_copy.sequence < excluded.sequence""",
        *astuple(contact),
    )
    return done == "INSERT 0 1"


async def get(tx: Connection, workspace_id: UUID, contact_id: UUID) -> Contact | None:
    """The copy of the contact, where there is one."""
    row = await tx.fetchrow(
        """SELECT workspace_id, contact_id, sequence, name, external_id, is_archived FROM contact_copy
        WHERE workspace_id = $1 AND contact_id = $2""",
        workspace_id,
        contact_id,
    )
    return Contact(**row) if row else None
