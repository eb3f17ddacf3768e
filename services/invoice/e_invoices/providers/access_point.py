"""The port to access points: what the service asks of one, and the words in which it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.invoice.common.domain.electronic_address import Participant
from services.invoice.e_invoices.domain.e_invoice import EInvoiceStatus
from shared.events.e_invoice import EInvoiceFailure, EInvoiceSyntax
from shared.kernel.errors import BadRequest
from shared.kernel.json import JsonMapping

SANDBOX = "sandbox"
"""The name of the access point that sandboxes have."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an access point can do.

    `lookup_by_guid`: it finds a submission by our guid. `idempotency`: of several submissions with one guid
    it processes the first alone, so that handing it in again finds out what became of it.
    """

    syntaxes: frozenset[EInvoiceSyntax]
    idempotency: bool
    lookup_by_guid: bool
    webhooks: bool


@dataclass(frozen=True, slots=True)
class DocumentToSubmit:
    """What is handed in: the document's bytes, from whom, to whom."""

    guid: UUID
    content: bytes
    syntax: EInvoiceSyntax
    is_credit_note: bool
    sender: Participant
    receiver: Participant


@dataclass(frozen=True, slots=True)
class Submission:
    """The access point has the document and calls it so."""

    reference: str


@dataclass(frozen=True, slots=True)
class TransmissionStatus:
    """Where a transmission stands: SUBMITTED while nothing is known, then the newest answer."""

    status: EInvoiceStatus
    failure: EInvoiceFailure | None = None
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Hint:
    """That something happened to a submission: it is read again before anything is believed."""

    reference: str


class AccessPointError(Exception):
    """The access point did not do what was asked."""


class AccessPointUnavailable(AccessPointError):
    """Surely not executed (no connection, too many requests, wrong credentials): ask again later."""


class AccessPointUnknownOutcome(AccessPointError):
    """Perhaps executed (time-out, reset, 5xx): only a look-up can tell."""


class AccessPointRefused(AccessPointError):
    """Refused as wrong, so a repetition would not help. `code` says by what."""

    def __init__(self, message: str, code: str = "refused") -> None:
        self.code = code
        super().__init__(message)


class HintNotOurs(BadRequest):
    """This webhook names no submission, or has not the secret that was agreed."""

    code = "hint_not_ours"


class AccessPoint(Protocol):
    """One account at one access point.

    Every call may raise AccessPointUnavailable, AccessPointUnknownOutcome or AccessPointRefused.
    """

    name: str
    capabilities: Capabilities

    async def can_receive(self, receiver: Participant, *, is_credit_note: bool) -> bool:
        """Whether the receiver is registered for this kind of document."""

    async def submit(self, sending: DocumentToSubmit) -> Submission:
        """Hand the document in; with a guid that is known it does nothing more."""

    async def find(self, guid: UUID) -> Submission | None:
        """The submission with our guid, where the answer to submit() was lost."""

    async def status(self, reference: str) -> TransmissionStatus:
        """Where the transmission stands."""

    async def evidence(self, reference: str) -> JsonMapping | None:
        """What proves the transmission, once there is something."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        """The hint in a webhook; raises HintNotOurs."""

    async def close(self) -> None:
        """Close its connections."""
