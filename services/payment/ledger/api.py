"""HTTP in: the ledger, to be read and to be proved."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.payment.ledger import operations
from services.payment.ledger.domain import AccountType, Balance, SourceType
from services.payment.ledger.repository import accounts as ledger_accounts
from services.payment.ledger.repository import entries as ledger_entries
from shared.events.fields import Instant
from shared.http.fields import Day
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work

router = APIRouter(prefix="/v1/ledger", route_class=Route, tags=["ledger"])
READ = require("payments:read")
CurrencyFilter = Annotated[str | None, Query(pattern="^[A-Z]{3}$")]


class AccountReply(BaseModel):
    """Where money stands: a contact's, a method's or the workspace's own, in one currency."""

    id: UUID
    type: AccountType
    currency: str
    contact_id: UUID | None = Field(description="Whose it is, of accounts that contacts have.")
    method: str | None = Field(
        description="How the money came in, of cash accounts; the bank account's id, of bank and suspense."
    )
    debits_minor: int
    credits_minor: int
    balance_minor: int = Field(
        description="Debits less credits for accounts_receivable, cash, write_off, overdrawn, bank and "
        "bank_charges; for others the reverse."
    )


class EntryReply(BaseModel):
    """A transfer between two accounts: it balances by itself and never changes."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    currency: str
    debit_account_id: UUID
    credit_account_id: UUID
    amount_minor: int
    source_type: SourceType
    source_id: UUID = Field(
        description="The invoice, credit note, payment, allocation, refund or bank line booked."
    )
    booked_on: date
    created_at: Instant


class IdentityReply(BaseModel):
    """One thing that always holds of money, recomputed from every row that it is about."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["paid = allocations"])
    holds: bool
    checked_count: int = Field(description="Of so many invoices, payments, accounts or contacts.")
    fault_count: int = Field(description="Of so many of them it does not hold.")
    faults: list[str] = Field(
        description="The ids of the first ten of those; where an id has sums by currency, with it."
    )


class ProofReply(BaseModel):
    """How the workspace's money stands."""

    proved_at: Instant = Field(description="In real time, also of a sandbox.")
    holds: bool = Field(description="Whether every identity does.")
    identities: list[IdentityReply]


@router.post("/proofs", dependencies=[READ], summary="Prove the workspace's money")
async def prove(work: Work) -> ProofReply:
    """Prove the workspace's money: recompute from its rows every identity that must hold of it.

    Nothing changes, so it takes no more than reading. Once a minute (429 `proved_just_now`); what takes
    longer than 25 seconds is refused (503 `proof_too_long`).
    """
    proof = await operations.prove_workspace(work)
    identities = [IdentityReply.model_validate(finding) for finding in proof.findings]
    return ProofReply(
        proved_at=proof.proved_at, holds=all(one.holds for one in identities), identities=identities
    )


@router.get("/accounts", dependencies=[READ])
async def list_accounts(
    part: Sliced,
    work: Work,
    type: AccountType | None = None,
    contact_id: UUID | None = None,
    currency: CurrencyFilter = None,
) -> Page[AccountReply]:
    """List accounts with their balances, in the order of their ids."""
    filters = ledger_accounts.AccountFilter(type=type, contact_id=contact_id, currency=currency)
    balances = await ledger_accounts.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(balances, _reply, lambda balance: balance.account.id)


@router.get("/accounts/{account_id}", dependencies=[READ])
async def get_account(account_id: UUID, work: Work) -> AccountReply:
    """Get an account with its balance."""
    return _reply(await ledger_accounts.get(work.tx, work.workspace_id, account_id))


@router.get("/entries", dependencies=[READ])
async def list_entries(
    part: Sliced,
    work: Work,
    account_id: Annotated[UUID | None, Query(description="Debited or credited.")] = None,
    contact_id: Annotated[UUID | None, Query(description="Of any account of the contact.")] = None,
    source_type: SourceType | None = None,
    source_id: UUID | None = None,
    booked_from: Annotated[Day | None, Query(description="First day, inclusive.")] = None,
    booked_to: Annotated[Day | None, Query(description="Last day, inclusive.")] = None,
    currency: CurrencyFilter = None,
) -> Page[EntryReply]:
    """List entries, newest first."""
    filters = ledger_entries.EntryFilter(
        account_id=account_id,
        contact_id=contact_id,
        source_type=source_type,
        source_id=source_id,
        booked_from=booked_from,
        booked_to=booked_to,
        currency=currency,
    )
    entries = await ledger_entries.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(entries, EntryReply.model_validate)


def _reply(balance: Balance) -> AccountReply:
    account = balance.account
    return AccountReply(
        id=account.id,
        type=account.type,
        currency=account.currency,
        contact_id=account.contact_id,
        method=account.method,
        debits_minor=balance.debits_minor,
        credits_minor=balance.credits_minor,
        balance_minor=balance.balance_minor,
    )
