"""The sandbox access point: its network is a table, and how the receiver's id ends decides the outcome.

`…01` delivered, `…02` not registered, `…03` rejected at the second look, `…04` time-out after the document
was taken, `…05` the same webhook twice, `…06` slow, `…07` delivered and accepted, `…08` delivered and
refused; any other is delivered.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.invoice.common.domain.electronic_address import Participant
from services.invoice.e_invoices.domain.e_invoice import EInvoiceStatus
from services.invoice.e_invoices.providers.access_point import (
    SANDBOX,
    AccessPointRefused,
    AccessPointUnknownOutcome,
    Capabilities,
    DocumentToSubmit,
    Hint,
    HintNotOurs,
    Submission,
    TransmissionStatus,
)
from shared.events.e_invoice import EInvoiceFailure, EInvoiceFinding, EInvoiceSyntax
from shared.kernel.json import JsonMapping

POLLS_BEFORE_REJECTION = 2
CAPABILITIES = Capabilities(frozenset({"ubl", "cii", "factur_x"}), True, True, True)
_REJECTED = EInvoiceFailure(code="rejected", message="The receiver's access point did not take it.")
_REFUSED = EInvoiceFailure(code="RE", message="The receiver refuses the invoice.")


@dataclass(frozen=True, slots=True)
class Transmission:
    """What the network knows of one document to one receiver; `poll_count` with this look at it."""

    receiver: str
    document_sha256: str
    poll_count: int


class Network(Protocol):
    """The network of one workspace; all processes see the same."""

    async def accept(self, guid: UUID, receiver: str, document_sha256: str) -> bool:
        """Keep the transmission, or count that it came again; whether it is new."""

    async def find(self, guid: UUID) -> bool:
        """Whether the network has it."""

    async def look(self, guid: UUID) -> Transmission | None:
        """The transmission, this look counted."""


Validate = Callable[[bytes, EInvoiceSyntax], Awaitable[Sequence[EInvoiceFinding]]]
Deliver = Callable[[Hint], Awaitable[None]]


async def _to_nobody(_: Hint) -> None:
    """Where nobody listens to webhooks."""


class SandboxAccessPoint:
    """One workspace's account at the sandbox."""

    name = SANDBOX
    capabilities = CAPABILITIES

    def __init__(
        self, network: Network, validate: Validate, slow_seconds: float = 2, deliver: Deliver = _to_nobody
    ) -> None:
        self._network = network
        self._validate = validate
        self._slow_seconds = slow_seconds
        self._deliver = deliver

    async def close(self) -> None:
        """It has no connections."""

    async def can_receive(self, receiver: Participant, *, is_credit_note: bool) -> bool:
        """All are registered but those that end in 02."""
        return not receiver.id.endswith("02")

    async def submit(self, sending: DocumentToSubmit) -> Submission:
        """Take the document, which must keep the same rules as any other."""
        broken = [
            finding for finding in await self._validate(sending.content, sending.syntax) if _is_fatal(finding)
        ]
        if broken:
            raise AccessPointRefused(broken[0].message, broken[0].rule)
        if sending.receiver.id.endswith("02"):
            raise AccessPointRefused("The receiver is not registered.", "receiver_not_registered")
        ending = sending.receiver.id[-2:]
        if ending == "06":
            await asyncio.sleep(self._slow_seconds)
        sha256 = hashlib.sha256(sending.content).hexdigest()
        is_new = await self._network.accept(sending.guid, str(sending.receiver), sha256)
        if ending == "04" and is_new:
            raise AccessPointUnknownOutcome("The answer was lost.")
        return Submission(str(sending.guid))

    async def find(self, guid: UUID) -> Submission | None:
        """The network's, if it has it."""
        return Submission(str(guid)) if await self._network.find(guid) else None

    async def status(self, reference: str) -> TransmissionStatus:
        """What the receiver's ending says after so many looks."""
        seen = await self._network.look(UUID(reference))
        if seen is None:
            raise AccessPointRefused("There is no such transmission.", "not_found")
        return await self._outcome(seen, Hint(reference))

    async def evidence(self, reference: str) -> JsonMapping:
        """A receipt that says it is none."""
        return {"network": "sandbox", "transmission_id": reference, "is_simulated": True}

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        """The hint in `{"guid": …}`."""
        return hint_of(body)

    async def _outcome(self, seen: Transmission, hint: Hint) -> TransmissionStatus:
        ending = seen.receiver[-2:]
        if ending == "03":
            is_over = seen.poll_count >= POLLS_BEFORE_REJECTION
            return (
                _final_status(EInvoiceStatus.REJECTED, _REJECTED)
                if is_over
                else TransmissionStatus(EInvoiceStatus.SUBMITTED)
            )
        if ending == "05" and seen.poll_count == 1:
            await self._deliver(hint)
            await self._deliver(hint)
        if ending in ("07", "08") and seen.poll_count == 1:
            return TransmissionStatus(EInvoiceStatus.DELIVERED)
        if ending == "07":
            return _final_status(EInvoiceStatus.ACCEPTED)
        return (
            _final_status(EInvoiceStatus.REFUSED, _REFUSED)
            if ending == "08"
            else _final_status(EInvoiceStatus.DELIVERED)
        )


def hint_of(body: bytes) -> Hint:
    """The submission that a webhook names as `guid`; raises HintNotOurs."""
    try:
        return Hint(str(UUID(str(json.loads(body)["guid"]))))
    except (ValueError, KeyError, TypeError) as error:
        raise HintNotOurs from error


def _final_status(status: EInvoiceStatus, failure: EInvoiceFailure | None = None) -> TransmissionStatus:
    return TransmissionStatus(status, failure, is_final=True)


def _is_fatal(finding: EInvoiceFinding) -> bool:
    return finding.severity == "fatal"
