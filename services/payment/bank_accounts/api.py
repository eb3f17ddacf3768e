"""HTTP in: where money comes in, as banks name it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, ConfigDict, Field

from services.payment.bank_accounts import operations
from services.payment.bank_accounts import repository as bank_accounts
from services.payment.bank_accounts.domain import BankAccount, BankAccountEdit
from shared.events.fields import Instant
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, Currency, Name, ShortText
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.unset import edit_of

router = APIRouter(prefix="/v1/bank-accounts", route_class=Route, tags=["bank"])
READ, WRITE = require("bank:read"), require("bank:write")


class NewBankAccount(Body):
    """An account at a bank, of which files are to be imported."""

    name: Name = Field(examples=["Current account"])
    iban: ShortText | None = Field(None, description="ISO 13616; spaces do not matter.")
    number: ShortText | None = Field(
        None, description="Of an account without IBAN: its number as the bank's files write it."
    )
    currency: Currency | None = Field(None, description="ISO 4217; the workspace's where not given.")


class BankAccountChanges(Body):
    """The fields to change."""

    name: Name = Field(default_factory=str)
    is_archived: bool = Field(default_factory=bool, description="An archived account takes no more files.")


class BankAccountReply(BaseModel):
    """A bank account."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    created_at: Instant
    updated_at: Instant
    name: str
    currency: str
    iban: str | None
    number: str | None
    archived_at: Instant | None


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def create(body: NewBankAccount, response: Response, work: Work, who: Who) -> BankAccountReply:
    """Add a bank account: files that name it are imported for it."""
    currency = body.currency or who.currency
    account = await operations.add_bank_account(
        work, body.name, currency, iban=body.iban or None, number=body.number or None
    )
    return _reply(account, response)


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
    is_archived: bool | None = None,
) -> Page[BankAccountReply]:
    """List bank accounts, newest first."""
    filters = bank_accounts.BankAccountFilter(currency=currency, is_archived=is_archived)
    rows = await bank_accounts.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(rows, BankAccountReply.model_validate)


@router.get("/{account_id}", dependencies=[READ])
async def get(account_id: UUID, response: Response, work: Work) -> BankAccountReply:
    """Get a bank account."""
    return _reply(await bank_accounts.get(work.tx, work.workspace_id, account_id), response)


@router.patch("/{account_id}", dependencies=[WRITE])
async def change(
    account_id: UUID, body: BankAccountChanges, response: Response, expected: IfMatch, work: Work
) -> BankAccountReply:
    """Rename or archive a bank account."""
    edit = edit_of(BankAccountEdit, body)
    return _reply(await operations.change_bank_account(work, account_id, edit, expected), response)


def _reply(account: BankAccount, response: Response) -> BankAccountReply:
    etag.tag(response, account.version)
    return BankAccountReply.model_validate(account)
