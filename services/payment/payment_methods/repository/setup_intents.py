"""SQL of setup intents: what the provider made for keeping a method, and how it ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.kernel.errors import raise_not_found
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = (
    "workspace_id id created_at contact_id provider mode reference customer_reference status "
    "payment_method_id"
).split()
_COLUMNS = ", ".join(_NAMES)
_INSERT = Statement(f"""
INSERT INTO setup_intent ({_COLUMNS}) VALUES ({places(_NAMES)})
ON CONFLICT (workspace_id, provider, reference) DO NOTHING
""")

SetupStatus = Literal["open", "succeeded", "failed"]


@dataclass(frozen=True, slots=True)
class SetupIntent:
    """The wish to keep a method for a contact, or for the workspace itself."""

    workspace_id: UUID
    id: UUID
    created_at: datetime
    contact_id: UUID | None
    provider: str
    mode: str
    reference: str
    customer_reference: str
    status: SetupStatus
    payment_method_id: UUID | None = None


async def insert(tx: Connection, intent: SetupIntent) -> None:
    """Store it; one that the provider gave us before stays as it is."""
    await _INSERT.execute(tx, intent)


async def get(tx: Connection, workspace_id: UUID, setup_intent_id: UUID) -> SetupIntent:
    """The setup intent; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM setup_intent WHERE workspace_id = $1 AND id = $2",
        workspace_id,
        setup_intent_id,
    )
    return SetupIntent(**row) if row else raise_not_found("setup intent", setup_intent_id)


async def lock_by_reference(
    tx: Connection, workspace_id: UUID, provider: str, reference: str
) -> SetupIntent | None:
    """The setup intent with the provider's id, locked."""
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM setup_intent
        WHERE workspace_id = $1 AND provider = $2 AND reference = $3 FOR NO KEY UPDATE""",
        workspace_id,
        provider,
        reference,
    )
    return SetupIntent(**row) if row else None


async def finish(tx: Connection, s: SetupIntent, status: SetupStatus, method_id: UUID | None) -> None:
    """Store how it ended."""
    await tx.execute(
        """UPDATE setup_intent SET status = $3, payment_method_id = $4
        WHERE workspace_id = $1 AND id = $2""",
        s.workspace_id,
        s.id,
        status,
        method_id,
    )
