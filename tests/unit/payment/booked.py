"""What transfers sum to, by kind of account and by account."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from services.payment.ledger.domain import DEBIT_ACCOUNTS, AccountType, Transfer


def balances(transfers: Iterable[Transfer]) -> dict[AccountType, int]:
    """What stands in the accounts of each kind, on the side that it grows on."""
    sums: dict[AccountType, int] = defaultdict(int)
    for one in transfers:
        assert one.amount_minor > 0
        sums[one.debit.type] += one.amount_minor if one.debit.type in DEBIT_ACCOUNTS else -one.amount_minor
        sums[one.credit.type] -= one.amount_minor if one.credit.type in DEBIT_ACCOUNTS else -one.amount_minor
    return sums


def balance_of(transfers: Iterable[Transfer], account_id: UUID) -> int:
    """What is credited to one account, less what is debited."""
    return sum(
        (one.credit.id == account_id) * one.amount_minor - (one.debit.id == account_id) * one.amount_minor
        for one in transfers
    )
