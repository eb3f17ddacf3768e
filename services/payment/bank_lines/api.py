"""HTTP in: what banks told of, and what became of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.payment.bank_lines import operations
from services.payment.bank_lines import repository as bank_lines
from services.payment.bank_lines.domain.line import BankLine, IgnoredAs, LineState, Rule
from services.payment.bank_lines.repository import BankLineFilter, LineCandidate
from services.payment.metrics import PAYMENTS_REGISTERED
from services.payment.payments.api.bodies import Reference
from services.payment.payments.domain.registration import Target
from services.payment.receivables.api.ask_owner import AskingRoute
from shared.events.fields import Instant
from shared.http import etag
from shared.http.fields import MAX_MINOR, Body, Day, LongText, PositiveMinor
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.errors import Invalid
from shared.kernel.key_ring import KeyRing, place

router = APIRouter(prefix="/v1/bank-lines", route_class=AskingRoute, tags=["bank"])
READ, WRITE = require("bank:read"), require("bank:write")


class LineAllocation(Body):
    """An invoice that the line's money settles."""

    invoice_id: UUID
    amount_minor: PositiveMinor | None = Field(None, description="All that it asks for where not given.")


class Match(Body):
    """What the line's money is: for invoices, for a contact's credit balance, or a payment that is there."""

    allocations: list[LineAllocation] = Field([], max_length=100)
    contact_id: UUID | None = Field(None, description="Whose credit balance it is, without allocations.")
    payment_id: UUID | None = Field(
        None, description="The payment registered before the file came: nothing is registered again."
    )


class Ignore(Body):
    """What the movement is that settles nothing here."""

    ignored_as: IgnoredAs = Field(
        IgnoredAs.UNRELATED, description="The bank's own charges, or nothing of the billing's."
    )
    reason: LongText = Field(min_length=1, examples=["Rent of November"])


class Undo(Body):
    """Why a decision is taken back."""

    reason: LongText = Field(min_length=1, examples=["Wrong customer"])


class LineCandidateReply(BaseModel):
    """An invoice that a line may be for."""

    model_config = ConfigDict(from_attributes=True)

    invoice_id: UUID
    number: str
    reference: str | None
    contact_id: UUID
    currency: str
    amount_due_minor: int


class InstructedReply(BaseModel):
    """What the payer ordered in another currency."""

    model_config = ConfigDict(from_attributes=True)

    amount_minor: int
    currency: str
    exchange_rate: Decimal | None


class LineReply(BaseModel):
    """A movement of a bank account; `amount_minor` above 0 came in, in minor units of `currency`."""

    id: UUID
    version: int
    created_at: Instant
    updated_at: Instant
    bank_account_id: UUID
    import_id: UUID
    statement_id: UUID
    booked_on: date
    value_on: date | None
    amount_minor: int
    currency: str
    counterparty_name: str | None
    counterparty_iban: str | None
    text: str
    structured_references: list[str]
    bank_reference: str | None
    end_to_end_id: Reference | None
    mandate_id: str | None
    transaction_code: str | None
    return_code: str | None = Field(description="Why a payment came back (ISO 20022 external code).")
    is_reversal: bool
    charges_minor: int
    instructed: InstructedReply | None
    notices: list[str]
    state: LineState
    rule: Rule | None = Field(description="Why it is matched or proposed.")
    evidence: list[str] = Field(description="The rule's reasons, in sentences.")
    candidates: list[LineCandidateReply] = Field(description="Of a proposed line: what it may be for.")
    payment_id: UUID | None
    has_made_payment: bool = Field(description="Whether the match registered the payment.")
    ignored_as: IgnoredAs | None
    reason: str | None
    decided_by: str | None = Field(description="Who decided; null where a rule did.")
    decided_at: Instant | None


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    request: Request,
    state: LineState | None = None,
    account_id: UUID | None = None,
    import_id: UUID | None = None,
    statement_id: UUID | None = None,
    payment_id: UUID | None = None,
    amount_minor: Annotated[
        int | None, Query(ge=-MAX_MINOR, le=MAX_MINOR, description="Exactly so much; below 0 went out.")
    ] = None,
    booked_from: Annotated[Day | None, Query(description="First day, inclusive.")] = None,
    booked_to: Annotated[Day | None, Query(description="Last day, inclusive.")] = None,
    q: Annotated[str | None, Query(max_length=200, description="Part of the text or of the name.")] = None,
) -> Page[LineReply]:
    """List bank lines, newest first: `state=proposed` and `state=unknown` are what waits for a person."""
    filters = BankLineFilter(
        state=state,
        account_id=account_id,
        import_id=import_id,
        statement_id=statement_id,
        payment_id=payment_id,
        amount_minor=amount_minor,
        booked_from=booked_from,
        booked_to=booked_to,
        q=q,
    )
    found = await bank_lines.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(found.of(await _replies(work, request, found.rows)), lambda reply: reply)


@router.get("/{line_id}", dependencies=[READ])
async def get(line_id: UUID, request: Request, response: Response, work: Work) -> LineReply:
    """Get a bank line."""
    line = await bank_lines.get(work.tx, work.workspace_id, line_id)
    return await _reply(work, request, response, line)


@router.post("/{line_id}/match", dependencies=[WRITE])
async def match(line_id: UUID, body: Match, request: Request, response: Response, work: Work) -> LineReply:
    """Say what a line's money is for; a payment is registered, unless one that is there is named."""
    ways = [bool(body.allocations), body.contact_id is not None, body.payment_id is not None]
    if sum(ways) != 1:
        raise Invalid("Give one of allocations, contact_id and payment_id.", field="allocations")
    if body.payment_id:
        line = await operations.link_by_hand(work, line_id, body.payment_id)
    else:
        targets = tuple(
            Target(allocation.invoice_id, allocation.amount_minor, f"allocations/{place_}/invoice_id")
            for place_, allocation in enumerate(body.allocations)
        )
        line = await operations.match_by_hand(work, line_id, targets, body.contact_id)
        PAYMENTS_REGISTERED.labels("allocations" if targets else "contact").inc()
    return await _reply(work, request, response, line)


@router.post("/{line_id}/ignore", dependencies=[WRITE])
async def ignore(line_id: UUID, body: Ignore, request: Request, response: Response, work: Work) -> LineReply:
    """Say that a line settles nothing here: it is the bank's charge, or none of the billing's."""
    line = await operations.ignore_line(work, line_id, body.ignored_as, body.reason)
    return await _reply(work, request, response, line)


@router.post("/{line_id}/undo", dependencies=[WRITE])
async def undo(line_id: UUID, body: Undo, request: Request, response: Response, work: Work) -> LineReply:
    """Take a decision back: a payment that the match made is voided, and its invoices ask again."""
    return await _reply(work, request, response, await operations.undo_line(work, line_id, body.reason))


async def _reply(work: Work, request: Request, response: Response, line: BankLine) -> LineReply:
    etag.tag(response, line.version)
    return (await _replies(work, request, [line]))[0]


async def _replies(work: Work, request: Request, lines: Sequence[BankLine]) -> list[LineReply]:
    ring: KeyRing = request.app.state.key_ring
    known = await bank_lines.candidates(work.tx, work.workspace_id, lines)
    return [_to_reply(line, ring, known) for line in lines]


def _to_reply(line: BankLine, ring: KeyRing, known: Mapping[UUID, LineCandidate]) -> LineReply:
    entry = line.entry
    return LineReply(
        id=line.id,
        version=line.version,
        created_at=line.created_at,
        updated_at=line.updated_at,
        bank_account_id=line.bank_account_id,
        import_id=line.import_id,
        statement_id=line.statement_id,
        booked_on=entry.booked_on,
        value_on=entry.value_on,
        amount_minor=entry.amount_minor,
        currency=entry.currency,
        counterparty_name=entry.counterparty.name,
        counterparty_iban=_open_iban(line, ring),
        text=entry.remittance.text,
        structured_references=list(entry.remittance.structured),
        bank_reference=entry.bank_reference,
        end_to_end_id=entry.remittance.end_to_end_id,
        mandate_id=entry.remittance.mandate_id,
        transaction_code=entry.transaction_code,
        return_code=entry.return_code,
        is_reversal=entry.is_reversal,
        charges_minor=entry.charges_minor,
        instructed=InstructedReply.model_validate(entry.instructed) if entry.instructed else None,
        notices=list(entry.notices),
        state=line.state,
        rule=line.rule,
        evidence=list(line.evidence),
        candidates=[
            LineCandidateReply.model_validate(known[id_]) for id_ in line.candidate_ids if id_ in known
        ],
        payment_id=line.payment_id,
        has_made_payment=line.has_made_payment,
        ignored_as=line.ignored_as,
        reason=line.reason,
        decided_by=line.decided_by,
        decided_at=line.decided_at,
    )


def _candidate(candidate: LineCandidate) -> LineCandidateReply:
    return LineCandidateReply.model_validate(candidate)


def _open_iban(line: BankLine, ring: KeyRing) -> str | None:
    if line.iban_envelope is None:
        return None
    about = place(line.workspace_id, "bank_line", line.id, "counterparty_iban")
    return ring.decrypt(line.iban_envelope, about).decode()
