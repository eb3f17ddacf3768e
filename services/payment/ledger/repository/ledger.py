"""SQL of writing the ledger: entries and the accounts that they are the first of."""

from collections.abc import Sequence

from services.payment.ledger.domain import Account, Transfer
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

ACCOUNTS = """INSERT INTO ledger_account (workspace_id, id, type, currency, contact_id, method)"""
ENTRIES = """INSERT INTO ledger_entry (workspace_id, id, currency, debit_account_id, credit_account_id,
        amount_minor, source_type, source_id, booked_on, created_at)"""
ACCOUNT_ROWS = """unnest(:account_workspace_id::uuid[], :account_id::uuid[], :account_type::text[],
        :account_currency::text[], :account_contact_id::uuid[], :account_method::text[])"""
ENTRY_ROWS = """unnest(:entry_workspace_id::uuid[], :entry_id::uuid[], :entry_currency::text[],
        :debit_account_id::uuid[], :credit_account_id::uuid[], :entry_amount_minor::bigint[],
        :source_type::text[], :source_id::uuid[], :booked_on::date[], :booked_at::timestamptz[])"""
_WRITE = Statement(f"""
WITH opened AS (
    {ACCOUNTS}
    SELECT * FROM {ACCOUNT_ROWS}
    ON CONFLICT DO NOTHING
)
{ENTRIES}
SELECT * FROM {ENTRY_ROWS}
""")


async def write(tx: Connection, transfers: Sequence[Transfer]) -> None:
    """Book the transfers; accounts that are not there yet are opened."""
    await _WRITE.execute(tx, **to_columns(transfers))


def to_columns(transfers: Sequence[Transfer]) -> dict[str, list[object]]:
    """The values of ACCOUNT_ROWS, in the order in which accounts are locked, and of ENTRY_ROWS."""
    by_id: dict[object, Account] = {
        side.id: side for entry in transfers for side in (entry.debit, entry.credit)
    }
    accounts = sorted(by_id.values(), key=lambda account: account.id)
    return {
        "account_workspace_id": [account.workspace_id for account in accounts],
        "account_id": [account.id for account in accounts],
        "account_type": [account.type for account in accounts],
        "account_currency": [account.currency for account in accounts],
        "account_contact_id": [account.contact_id for account in accounts],
        "account_method": [account.method for account in accounts],
        "entry_workspace_id": [entry.workspace_id for entry in transfers],
        "entry_id": [entry.id for entry in transfers],
        "entry_currency": [entry.currency for entry in transfers],
        "debit_account_id": [entry.debit.id for entry in transfers],
        "credit_account_id": [entry.credit.id for entry in transfers],
        "entry_amount_minor": [entry.amount_minor for entry in transfers],
        "source_type": [entry.source_type for entry in transfers],
        "source_id": [entry.source_id for entry in transfers],
        "booked_on": [entry.booked_on for entry in transfers],
        "booked_at": [entry.created_at for entry in transfers],
    }
