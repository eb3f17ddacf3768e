"""SQL of writing the ledger: entries and the accounts that they are the first of."""

from collections.abc import Sequence

from services.payment.ledger.domain import Account, Transfer
from shared.postgres.pool import Connection

ACCOUNTS = """INSERT INTO ledger_account (workspace_id, id, type, currency, contact_id, method)"""
ENTRIES = """INSERT INTO ledger_entry (workspace_id, id, currency, debit_account_id, credit_account_id,
        amount_minor, source_type, source_id, booked_on, created_at)"""
_WRITE = f"""
WITH opened AS (
    {ACCOUNTS}
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[])
    ON CONFLICT DO NOTHING
)
{ENTRIES}
SELECT * FROM unnest($7::uuid[], $8::uuid[], $9::text[], $10::uuid[], $11::uuid[], $12::bigint[], $13::text[],
    $14::uuid[], $15::date[], $16::timestamptz[])
"""


async def write(tx: Connection, transfers: Sequence[Transfer]) -> None:
    """Book the transfers; accounts that are not there yet are opened."""
    await tx.execute(_WRITE, *account_columns(transfers), *entry_columns(transfers))


def account_columns(transfers: Sequence[Transfer]) -> list[list[object]]:
    """The accounts of these transfers as arguments for `unnest`, in the order in which they are locked."""
    accounts = {side.id: side for one in transfers for side in (one.debit, one.credit)}
    rows = [account_values(accounts[id_]) for id_ in sorted(accounts)]
    return [list(column) for column in zip(*rows, strict=True)] or [[]] * 6


def account_values(account: Account) -> tuple[object, ...]:
    """One account's columns."""
    return (
        account.workspace_id,
        account.id,
        account.type,
        account.currency,
        account.contact_id,
        account.method,
    )


def entry_columns(transfers: Sequence[Transfer]) -> list[list[object]]:
    """The transfers as arguments for `unnest`."""
    return [list(column) for column in zip(*map(entry_values, transfers), strict=True)] or [[]] * 10


def entry_values(one: Transfer) -> tuple[object, ...]:
    """One entry's columns."""
    return (
        one.workspace_id,
        one.id,
        one.currency,
        one.debit.id,
        one.credit.id,
        one.amount_minor,
        one.source_type,
        one.source_id,
        one.booked_on,
        one.created_at,
    )
