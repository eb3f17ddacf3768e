"""SQL that compares one workspace's ledger with its rows: cheap enough to be done all day long.

`prove` recomputes every identity; this one notices within minutes that a proof is needed.
"""

from uuid import UUID

from shared.postgres.pool import Connection

_COMPARE = """
WITH side AS (
    SELECT debit_account_id AS account_id, amount_minor FROM ledger_entry WHERE workspace_id = $1
    UNION ALL
    SELECT credit_account_id, -amount_minor FROM ledger_entry WHERE workspace_id = $1
), booked AS (
    SELECT a.type, a.currency, sum(s.amount_minor) AS minor FROM side s
    JOIN ledger_account a ON a.workspace_id = $1 AND a.id = s.account_id
    WHERE a.type IN ('accounts_receivable', 'credit_balance') GROUP BY a.type, a.currency
), known AS (
    SELECT 'accounts_receivable' AS type, currency,
        sum(total_minor - paid_minor - credited_minor - written_off_minor) AS minor
    FROM receivable WHERE workspace_id = $1 AND status <> 'closed' GROUP BY currency
    UNION ALL
    SELECT 'credit_balance', currency, -sum(unallocated_minor)
    FROM payment WHERE workspace_id = $1 GROUP BY currency
)
SELECT count(*) FROM booked FULL JOIN known USING (type, currency)
WHERE coalesce(booked.minor, 0) <> coalesce(known.minor, 0)
"""


async def next_workspace(tx: Connection, after: UUID | None) -> UUID | None:
    """The workspace that comes after this one, in the order of their ids."""
    workspace_id: UUID | None = await tx.fetchval(
        """SELECT workspace_id FROM workspace WHERE $1::uuid IS NULL OR workspace_id > $1
        ORDER BY workspace_id LIMIT 1""",
        after,
    )
    return workspace_id


async def difference_count(tx: Connection, workspace_id: UUID) -> int:
    """How many sums of the ledger differ from the sums of the rows; 0 when all is well."""
    return int(await tx.fetchval(_COMPARE, workspace_id))
