"""E-invoices on their way: one document to one receiver, through an access point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self, TypedDict, Unpack
from uuid import UUID, uuid5

from services.invoice.common.domain.electronic_address import Participant
from shared.events.e_invoice import (
    EInvoiceData,
    EInvoiceFailure,
    EInvoiceFinding,
    EInvoiceState,
    EInvoiceSyntax,
)
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id
from shared.kernel.leased_work import parse_delays
from shared.kernel.moves import require_move

_SUBMISSIONS = UUID("6f1c2d64-0d0c-5e0b-9a53-6f9b2b1f6c10")


class EInvoiceStatus(StrEnum):
    """Where an e-invoice stands; from ACKNOWLEDGED on what the receiver replies (Peppol Invoice Response)."""

    QUEUED = "queued"
    VALIDATING = "validating"
    INVALID = "invalid"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    FAILED = "failed"
    ACKNOWLEDGED = "acknowledged"
    IN_PROCESS = "in_process"
    ACCEPTED = "accepted"
    PAID = "paid"
    REFUSED = "refused"


_REPLIES = frozenset(
    {
        EInvoiceStatus.ACKNOWLEDGED,
        EInvoiceStatus.IN_PROCESS,
        EInvoiceStatus.ACCEPTED,
        EInvoiceStatus.PAID,
        EInvoiceStatus.REFUSED,
    }
)
_ANSWERS = frozenset({EInvoiceStatus.DELIVERED, EInvoiceStatus.REJECTED, EInvoiceStatus.FAILED}) | _REPLIES
MOVES: Mapping[EInvoiceStatus, frozenset[EInvoiceStatus]] = {
    EInvoiceStatus.QUEUED: frozenset(
        {EInvoiceStatus.VALIDATING, EInvoiceStatus.SUBMITTING, EInvoiceStatus.FAILED}
    ),
    EInvoiceStatus.VALIDATING: frozenset(
        {EInvoiceStatus.SUBMITTING, EInvoiceStatus.INVALID, EInvoiceStatus.FAILED}
    ),
    EInvoiceStatus.INVALID: frozenset(),
    # Back to the queue where surely nothing was executed.
    EInvoiceStatus.SUBMITTING: frozenset(
        {
            EInvoiceStatus.SUBMITTED,
            EInvoiceStatus.UNKNOWN,
            EInvoiceStatus.QUEUED,
            EInvoiceStatus.REJECTED,
            EInvoiceStatus.FAILED,
        }
    ),
    EInvoiceStatus.UNKNOWN: frozenset(
        {EInvoiceStatus.SUBMITTED, EInvoiceStatus.SUBMITTING, EInvoiceStatus.REJECTED, EInvoiceStatus.FAILED}
    ),
    EInvoiceStatus.SUBMITTED: _ANSWERS,
    EInvoiceStatus.DELIVERED: _REPLIES,
    EInvoiceStatus.REJECTED: frozenset(),
    # What was given up can turn out to have arrived.
    EInvoiceStatus.FAILED: frozenset({EInvoiceStatus.SUBMITTED, EInvoiceStatus.DELIVERED}),
    EInvoiceStatus.ACKNOWLEDGED: _REPLIES - {EInvoiceStatus.ACKNOWLEDGED},
    EInvoiceStatus.IN_PROCESS: frozenset(
        {EInvoiceStatus.ACCEPTED, EInvoiceStatus.PAID, EInvoiceStatus.REFUSED}
    ),
    EInvoiceStatus.ACCEPTED: frozenset({EInvoiceStatus.PAID, EInvoiceStatus.REFUSED}),
    EInvoiceStatus.PAID: frozenset(),
    EInvoiceStatus.REFUSED: frozenset(),
}


class EInvoiceInvalid(Invalid):
    """The document breaks rules of EN 16931, Peppol or its schema, so nothing was queued."""

    code = "e_invoice_invalid"


class EInvoiceSent(Conflict):
    """This document is with this receiver, or on its way there."""

    code = "e_invoice_already_sent"


class NoAccessPoint(Conflict):
    """The workspace has no access point: create channel settings of the kind storecove first."""

    code = "no_access_point"


class SyntaxNotSupported(Invalid):
    """The workspace's access point does not take this syntax."""

    code = "e_invoice_syntax_not_supported"


@dataclass(frozen=True, slots=True)
class EInvoiceDocument:
    """The bytes that are sent, and what they are; `rule_set` and `findings` say how they were validated."""

    content: bytes
    sha256: str
    syntax: EInvoiceSyntax
    invoice_id: UUID
    credit_note_id: UUID | None
    number: str
    rule_set: str
    findings: tuple[EInvoiceFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class EInvoice:
    """An e-invoice as its row stands, without the document's bytes."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    invoice_id: UUID
    credit_note_id: UUID | None
    number: str
    syntax: EInvoiceSyntax
    sender: str
    receiver: str
    document_sha256: str
    rule_set: str
    findings: tuple[EInvoiceFinding, ...]
    provider: str
    submission_guid: UUID
    status: EInvoiceStatus = EInvoiceStatus.QUEUED
    provider_reference: str | None = None
    failure: EInvoiceFailure | None = None
    attempt_count: int = 0
    # Steps in a row that brought nothing new.
    miss_count: int = 0
    evidence: dict[str, Any] | None = None
    history: tuple[EInvoiceState, ...] = ()
    submitted_at: datetime | None = None
    delivered_at: datetime | None = None
    next_step_at: datetime | None = None
    lease_token: UUID | None = None


@dataclass(frozen=True, slots=True)
class StepDelays:
    """How long to wait after each step in a row that brought nothing new.

    `retries` where surely nothing was executed, `lookups` where that is unknown, `polls` until the
    transmission is over, `replies` for what the receiver says of the invoice.
    """

    retries: Sequence[timedelta]
    lookups: Sequence[timedelta]
    polls: Sequence[timedelta]
    replies: Sequence[timedelta]

    @classmethod
    def parse(cls, retries: str, lookups: str, polls: str, replies: str) -> Self:
        """Read comma-separated seconds, `86400*5` for five times a day; raises ValueError."""
        return cls(parse_delays(retries), parse_delays(lookups), parse_delays(polls), parse_delays(replies))


def new_e_invoice(
    workspace_id: UUID,
    document: EInvoiceDocument,
    between: tuple[Participant, Participant],
    provider: str,
    now: datetime,
) -> EInvoice:
    """A new e-invoice from the first participant to the second, to be submitted next."""
    identity, (sender, receiver) = new_id(), between
    return EInvoice(
        workspace_id=workspace_id,
        id=identity,
        version=1,
        created_at=now,
        updated_at=now,
        invoice_id=document.invoice_id,
        credit_note_id=document.credit_note_id,
        number=document.number,
        syntax=document.syntax,
        sender=str(sender),
        receiver=str(receiver),
        document_sha256=document.sha256,
        rule_set=document.rule_set,
        findings=document.findings,
        provider=provider,
        submission_guid=uuid5(_SUBMISSIONS, str(identity)),
        history=(EInvoiceState(status=EInvoiceStatus.QUEUED.value, at=now),),
    )


class Learnt(TypedDict, total=False):
    """What a step learns besides the status."""

    provider_reference: str
    attempt_count: int
    miss_count: int
    evidence: dict[str, str] | None


def move(
    e_invoice: EInvoice,
    to: EInvoiceStatus,
    now: datetime,
    failure: EInvoiceFailure | None = None,
    **learnt: Unpack[Learnt],
) -> EInvoice:
    """The e-invoice in its next state, which its history tells; raises IllegalMove."""
    require_move(MOVES, e_invoice.status, to)
    state = EInvoiceState(
        status=to.value,
        at=now,
        code=failure.code if failure else None,
        message=failure.message if failure else None,
    )
    dates: dict[str, Any] = {}
    if to is EInvoiceStatus.SUBMITTED:
        dates["submitted_at"] = now
    if to is EInvoiceStatus.DELIVERED or (to in _REPLIES and e_invoice.delivered_at is None):
        dates["delivered_at"] = now
    return replace(
        e_invoice,
        **dates,
        **learnt,
        status=to,
        failure=failure,
        history=(*e_invoice.history, state),
        version=e_invoice.version + 1,
        updated_at=now,
    )


def begin_submit(e_invoice: EInvoice, now: datetime) -> EInvoice:
    """A submission begins: from here on only a look-up can tell what became of it."""
    return move(e_invoice, EInvoiceStatus.SUBMITTING, now, attempt_count=e_invoice.attempt_count + 1)


def to_snapshot(e_invoice: EInvoice) -> EInvoiceData:
    """The e-invoice as the public API and events show it."""
    names = set(EInvoiceData.model_fields) - {"status", "findings", "history"}
    return EInvoiceData(
        status=e_invoice.status.value,
        findings=list(e_invoice.findings),
        history=list(e_invoice.history),
        **{name: getattr(e_invoice, name) for name in names},
    )
