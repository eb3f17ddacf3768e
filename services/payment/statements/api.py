"""HTTP in: bank statements, many payments at once."""

from typing import Annotated, TypedDict, get_args
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import to_json

from services.payment.metrics import PAYMENTS_REGISTERED
from services.payment.payments.api.bodies import Method, PositiveMajor, Reference
from services.payment.payments.domain.registration import Registration
from services.payment.receivables.domain.receivable import Receivable
from services.payment.statements import operations
from services.payment.statements.domain.statement import Line, LineOutcome, Outcome
from shared.events.payment import PaymentData
from shared.http.fields import Body, Currency, Day, LongText, PositiveMinor
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.work import Work

router = APIRouter(prefix="/v1/payments", route_class=Route, tags=["payments"])
WRITE = require("payments:write")
MAX_LINES = 1_000


class StatementLine(Body):
    """Money that came in, as a bank tells it."""

    reference: LongText | None = Field(
        None,
        description="What the payer wrote: invoices' numbers or references (such as a purchase order), ISO "
        "11649 creditor references, or a text with some of them in it, however spaced.",
    )
    invoice_id: UUID | None = Field(
        None, description="The invoice, where it is known; reference is not read."
    )
    contact_id: UUID | None = Field(
        None, description="Who paid, where it is known: what no invoice is found for is credit balance."
    )
    amount_minor: PositiveMinor | None = None
    amount: PositiveMajor | None = Field(None, description="Instead: in major units.", examples=["339.00"])
    currency: Currency | None = Field(None, description="ISO 4217; the invoice's where not given.")
    method: Method = "bank_transfer"
    external_reference: Reference | None = Field(None, description="Unique with its method.")
    paid_on: Day | None = Field(None, description="Today in the workspace's zone where not given.")
    note: LongText | None = None

    def line(self) -> Line:
        """The same in the words of the domain."""
        registration = Registration(
            targets=(),
            contact_id=self.contact_id,
            amount_minor=self.amount_minor,
            amount=self.amount,
            currency=self.currency,
            method=self.method,
            external_reference=self.external_reference,
            paid_on=self.paid_on,
            note=self.note,
        )
        return Line(registration, self.invoice_id, self.reference)


class Fault(BaseModel):
    """Why a line was not registered."""

    code: str
    detail: str
    pointer: str | None = None


def read_line(value: object, validate: ValidatorFunctionWrapHandler) -> StatementLine | Fault:
    """The line, or why it cannot be read: the others are registered all the same."""
    try:
        line: StatementLine = validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        pointer = "".join(f"/{part}" for part in first["loc"])
        return Fault(code="invalid", detail=first["msg"], pointer=pointer)
    if (line.amount is None) == (line.amount_minor is None):
        return Fault(code="invalid", detail="Give amount_minor or amount.", pointer="/amount_minor")
    return line


class NewBatch(Body):
    """The lines of a bank statement."""

    payments: Annotated[
        list[Annotated[StatementLine, WrapValidator(read_line)]], Field(min_length=1, max_length=MAX_LINES)
    ]


class Candidate(BaseModel):
    """An invoice that a line may be for; minor units of `currency`."""

    invoice_id: UUID
    number: str
    reference: str | None
    contact_id: UUID
    currency: str
    amount_due_minor: int


class LineResult(BaseModel):
    """What became of one line."""

    status: Outcome = Field(
        description="`registered`: a payment was made. `duplicate`: one with its `external_reference` was "
        "made before. `ambiguous`: its text names several invoices, and which get how much is not clear; "
        "nothing was booked, `candidates` are they. `unmatched`: nothing says whose money it is; nothing was "
        "booked. `error`: a rule is against it, `fault` says which."
    )
    candidates: list[Candidate] | None = Field(
        None, description="Of an ambiguous line: what it may be for, at most 20, in the order named."
    )
    payment: PaymentData | None = None
    payment_id: UUID | None = Field(None, description="The payment; of a duplicate, the one that came first.")
    fault: Fault | None = None


class LineFields(TypedDict):
    """A LineResult that is written without being validated."""

    status: Outcome
    payment: PaymentData | None
    payment_id: UUID | None
    fault: Fault | None
    candidates: list[Candidate] | None


class BatchReply(BaseModel):
    """What became of each line, in their order, and how many of each there are."""

    counts: dict[Outcome, int]
    data: list[LineResult]


@router.post(
    "/batch",
    response_model=BatchReply,
    dependencies=[WRITE],
    operation_id="payments.import_batch",
    summary="Import the payments of a bank statement",
)
async def import_batch(body: NewBatch, work: Work, who: Who) -> Response:
    """Register the payments of a bank statement, each with a result of its own.

    A line finds its invoice by `invoice_id` or by `reference`, which may name several: those with nothing due
    are left out; several of one contact whose sum is the line's are settled in the order named. One alone
    takes what it asks for, and its contact's credit balance the rest. Anything less clear is `ambiguous`, is
    not booked and shows its `candidates`. A line without an invoice goes to the credit balance of
    `contact_id`, and without that it is `unmatched`; nothing is stored for it.
    """
    rows: list[StatementLine | Fault] = list(body.payments)
    read = [row.line() for row in rows if isinstance(row, StatementLine)]
    done = iter(await operations.import_lines(work, read, who.currency))
    results = [_result(next(done)) if isinstance(row, StatementLine) else _unread(row) for row in rows]
    statuses = [result["status"] for result in results]
    counts = {status: statuses.count(status) for status in get_args(Outcome)}
    PAYMENTS_REGISTERED.labels("batch").inc(counts["registered"])
    # Written at once: validating a thousand payments that we just made would take longer than making them.
    return Response(to_json({"counts": counts, "data": results}), media_type="application/json")


def _result(result: LineOutcome) -> LineFields:
    payment = result.payment
    return {
        "status": result.outcome,
        "payment": result.snapshot,
        "payment_id": payment.id if payment else result.first_payment_id,
        "fault": _fault(result),
        "candidates": [_candidate(receivable) for receivable in result.candidates] or None,
    }


def _candidate(receivable: Receivable) -> Candidate:
    return Candidate(
        invoice_id=receivable.invoice_id,
        number=receivable.number,
        reference=receivable.reference,
        contact_id=receivable.contact_id,
        currency=receivable.currency,
        amount_due_minor=receivable.due_minor,
    )


def _fault(result: LineOutcome) -> Fault | None:
    if result.outcome == "ambiguous":
        return Fault(code="ambiguous_reference", detail="Several invoices may be meant: see the candidates.")
    if result.outcome == "unmatched":
        return Fault(code="unmatched", detail="No invoice or contact here fits.")
    if result.fault is None:
        return None
    pointer = result.fault.errors[0].pointer if result.fault.errors else None
    return Fault(code=result.fault.code, detail=result.fault.detail, pointer=pointer)


def _unread(fault: Fault) -> LineFields:
    return {"status": "error", "payment": None, "payment_id": None, "fault": fault, "candidates": None}
