"""HTTP in: what a sandbox's bank books, told by a file as a bank gives it. Sandbox workspaces only."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter, Request, Response, status
from pydantic import Field

from services.payment.bank_accounts import repository as bank_accounts
from services.payment.bank_files.domain.statement import (
    BankEntry,
    BankStatement,
    Counterparty,
    HolderAccount,
    Remittance,
    StatementKind,
)
from services.payment.bank_files.formats.bank_file import read_bank_file
from services.payment.bank_files.formats.camt_writing import write_camt
from services.payment.bank_imports import api as bank_imports
from services.payment.bank_imports import operations
from services.payment.bank_imports.operations import Upload
from services.payment.sandbox.api.bank import NotASandbox
from shared.http.fields import Body, Day, LongText, Minor, Name, ShortText
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.work import Work
from shared.kernel.ids import new_id
from shared.kernel.key_ring import KeyRing

router = APIRouter(prefix="/v1/sandbox", route_class=Route, tags=["sandbox"])
WRITE = require("sandbox:write")


class SandboxLine(Body):
    """A movement; above 0 came in."""

    amount_minor: Minor
    booked_on: Day | None = Field(None, description="The sandbox's today where not given.")
    text: LongText = ""
    structured_reference: ShortText | None = None
    counterparty_name: Name | None = None
    counterparty_iban: ShortText | None = Field(None, pattern="^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$")
    end_to_end_id: ShortText | None = None

    def entry(self, currency: str, today: date) -> BankEntry:
        """The movement as a bank tells it."""
        reference = self.structured_reference
        return BankEntry(
            booked_on=self.booked_on or today,
            amount_minor=self.amount_minor,
            currency=currency,
            value_on=self.booked_on or today,
            counterparty=Counterparty(self.counterparty_name, self.counterparty_iban),
            remittance=Remittance(self.text, (reference,) if reference else (), self.end_to_end_id),
            transaction_code="PMNT/RCDT/ESCT" if self.amount_minor > 0 else "PMNT/ICDT/ESCT",
        )


class NewSandboxStatement(Body):
    """What the bank booked on an account of the sandbox."""

    account_id: UUID
    lines: list[SandboxLine] = Field(min_length=1, max_length=1_000)


@router.post("/bank-statements", status_code=status.HTTP_202_ACCEPTED, dependencies=[WRITE])
async def book(
    body: NewSandboxStatement, request: Request, response: Response, work: Work, who: Who
) -> bank_imports.ImportReply:
    """Let the sandbox's bank book movements, and import the file (camt.053) that it gives of them."""
    if who.mode != "sandbox":
        raise NotASandbox
    account = await bank_accounts.get(work.tx, work.workspace_id, body.account_id)
    entries = tuple(line.entry(account.currency, work.clock.today()) for line in body.lines)
    days = [entry.booked_on for entry in entries]
    statement = BankStatement(
        account=HolderAccount(account.iban, account.number, account.currency),
        currency=account.currency,
        kind=StatementKind.STATEMENT,
        entries=entries,
        from_on=min(days),
        until_on=max(days),
    )
    statement_id = new_id().hex
    data = write_camt(statement, statement_id, work.clock.now())
    ring: KeyRing = request.app.state.key_ring
    upload = Upload(data, read_bank_file(data), f"{statement_id}.xml", account.id)
    done, _ = await operations.import_file(work, upload, ring)
    return await bank_imports.to_reply(work, done)
