"""SQL of credit balances: one row for each contact and currency, raised and lowered in place."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.payment.credit_balances.domain.credit_balance import Credit, CreditBalance
from shared.kernel.ids import new_id
from shared.postgres.pool import Connection

_COLUMNS = "workspace_id, id, version, created_at, updated_at, contact_id, currency, amount_minor"
_FILTERS = """workspace_id = $1
  AND ($2::uuid IS NULL OR contact_id = $2)
  AND ($3::text IS NULL OR currency = $3)"""


async def add(tx: Connection, credits: Sequence[Credit]) -> list[CreditBalance]:
    """Raise or lower each balance, or open it; one credit a balance. Locks in the order of the keys."""
    rows = await tx.fetch(
        f"""WITH credit AS (
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::text[],
                $6::bigint[]) AS credit (workspace_id, id, at, contact_id, currency, amount_minor)
        )
        INSERT INTO credit_balance ({_COLUMNS})
        SELECT workspace_id, id, 1, at, at, contact_id, currency, greatest(amount_minor, 0)
        FROM credit ORDER BY workspace_id, contact_id, currency COLLATE "C"
        -- What is lowered comes from the list: the row proposed here may not be negative.
        ON CONFLICT (workspace_id, contact_id, currency) DO UPDATE SET version = credit_balance.version + 1,
            updated_at = greatest(credit_balance.updated_at, excluded.updated_at),
            amount_minor = credit_balance.amount_minor + (
                SELECT credit.amount_minor FROM credit WHERE credit.id = excluded.id)
        RETURNING {_COLUMNS}""",
        [credit.workspace_id for credit in credits],
        [new_id() for _ in credits],
        [credit.at for credit in credits],
        [credit.contact_id for credit in credits],
        [credit.currency for credit in credits],
        [credit.amount_minor for credit in credits],
    )
    return [CreditBalance(**row) for row in rows]


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[CreditBalance]:
    """Balances, the newest opened first: `contact_id`, `currency`, `after`, `limit`, `offset`."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM credit_balance WHERE {_FILTERS} AND ($4::uuid IS NULL OR id < $4)
        ORDER BY id DESC LIMIT $5 OFFSET $6""",
        workspace_id,
        filters["contact_id"],
        filters["currency"],
        filters["after"],
        filters["limit"],
        filters["offset"],
    )
    return [CreditBalance(**row) for row in rows]


async def count(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> int:
    """How many balances the filters find."""
    found: int = await tx.fetchval(
        f"SELECT count(*) FROM credit_balance WHERE {_FILTERS}",
        workspace_id,
        filters["contact_id"],
        filters["currency"],
    )
    return found
