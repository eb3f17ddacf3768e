"""Bank accounts are added and renamed; archived ones take no more files."""

from uuid import UUID

from services.payment.bank_accounts import domain as rules
from services.payment.bank_accounts import repository as bank_accounts
from services.payment.bank_accounts.domain import BankAccount, BankAccountEdit
from shared.kernel.ids import new_id
from shared.kernel.versions import require_version
from shared.messaging.work import Work


async def add_bank_account(
    work: Work, name: str, currency: str, *, iban: str | None, number: str | None
) -> BankAccount:
    """Store a new account; raises Invalid, UnknownCurrency or BankAccountExists."""
    now = work.clock.now()
    named = BankAccount(work.workspace_id, new_id(), 1, now, now, name, currency, iban, number)
    account = rules.new_bank_account(named)
    await bank_accounts.insert(work.tx, account)
    return account


async def change_bank_account(
    work: Work, account_id: UUID, changes: BankAccountEdit, expected_version: int | None
) -> BankAccount:
    """Rename or archive it; raises NotFound or PreconditionFailed."""
    account = await bank_accounts.lock(work.tx, work.workspace_id, account_id)
    require_version(account.version, expected_version)
    changed = rules.edit(account, changes, work.clock.now())
    await bank_accounts.update(work.tx, changed)
    return changed
