"""Takes e-invoices further: claims what is due, asks the access point with no transaction open, records it.

That a submission begins is committed before it is made. Whatever comes of it (an answer, none, the death of
this process), the next step knows that it may have been executed, and asks for it by our guid first of all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Unpack
from uuid import uuid4

import structlog

from services.invoice import metrics
from services.invoice.common.domain.electronic_address import Participant
from services.invoice.e_invoices import repository as e_invoices
from services.invoice.e_invoices.domain import e_invoice as rules
from services.invoice.e_invoices.domain.e_invoice import (
    EInvoice,
    EInvoiceStatus,
    StepDelays,
)
from services.invoice.e_invoices.operations import e_invoices as operations
from services.invoice.e_invoices.operations.access_points import AccessPoints
from services.invoice.e_invoices.providers.access_point import (
    AccessPoint,
    AccessPointError,
    AccessPointRefused,
    AccessPointUnknownOutcome,
    DocumentToSubmit,
    Submission,
)
from services.invoice.invoices.workers.credit_at_issue import CreditAtIssue, CreditUnknown
from shared.events.e_invoice import EInvoiceFailure
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError
from shared.kernel.leased_work import LeaseLost, delay_after
from shared.messaging import workspaces
from shared.messaging.slots import Slots, pass_by
from shared.messaging.work import begin
from shared.postgres.transaction import Database

log = structlog.get_logger()
LOOKUPS_BEFORE_REPETITION = 2
"""Look-ups by guid that find nothing before it is handed in again under the same guid."""


@dataclass(frozen=True, slots=True)
class EInvoiceLimits:
    """How many e-invoices this process works on at once, and for how long each is its own."""

    slots: int = 8
    lease: timedelta = timedelta(seconds=120)


class EInvoiceSender:
    """The e-invoices that one process works on. Several processes share them by their leases."""

    def __init__(
        self,
        database: Database,
        access_points: AccessPoints,
        delays: StepDelays,
        limits: EInvoiceLimits,
        *,
        reach: Callable[[str], None] = pass_by,
        openings: CreditAtIssue | None = None,
    ) -> None:
        self.database = database
        self.openings = openings
        self.access_points = access_points
        self.delays = delays
        self.limits = limits
        self.reach = reach
        self._slots = Slots(limits.slots)

    async def step(self) -> bool:
        """Claim what is due and begin with it; True when there may be more at once."""
        free = await self._slots.free()
        async with self.database.transaction() as tx:
            claimed = await e_invoices.claim(tx, uuid4(), self.limits.lease, free)
        for e_invoice in claimed:
            self._slots.begin(self._work(e_invoice))
        return bool(claimed)

    async def close(self) -> None:
        """Wait for what is under way: each call to an access point has its time limit."""
        await self._slots.close()

    async def _work(self, claimed: EInvoice) -> None:
        try:
            await EInvoiceStep(self, claimed).go()
        except LeaseLost:
            metrics.E_INVOICE_STEPS.labels("lease_lost").inc()
            log.warning("e_invoice.lease_lost", e_invoice_id=str(claimed.id))
        except Exception as error:
            # The lease runs out and the next claim looks up what became of it.
            metrics.E_INVOICE_STEPS.labels("error").inc()
            log.error("e_invoice.step_failed", e_invoice_id=str(claimed.id), exc_info=error)


class EInvoiceStep:
    """One step of one e-invoice; `now` is the e-invoice as it is stored."""

    def __init__(self, sender: EInvoiceSender, claimed: EInvoice) -> None:
        self._sender = sender
        self._database = sender.database
        self._delays = sender.delays
        self._clock = Clock()
        self.now = claimed

    async def go(self) -> None:
        """Take it as far as it goes now, and store that."""
        try:
            point = await self._access_point()
            moved, delay = await self._next(point)
        except (AccessPointError, BillingError) as error:
            moved, delay = self._missed(error)
        await self._finish(moved, delay)

    async def _access_point(self) -> AccessPoint:
        async with self._database.transaction() as tx:
            clocks = await workspaces.clocks(tx, [self.now.workspace_id])
            self._clock = clocks[self.now.workspace_id]
            return await self._sender.access_points.get(tx, self.now.workspace_id, self.now.provider)

    async def _next(self, point: AccessPoint) -> tuple[EInvoice, timedelta | None]:
        if self.now.status is EInvoiceStatus.SUBMITTING:
            # Whoever began this submission did not live to tell what came of it.
            await self._keep(
                self._moved(EInvoiceStatus.UNKNOWN, _failure("interrupted", "No answer was recorded."))
            )
        if self.now.status is EInvoiceStatus.UNKNOWN:
            return await self._look_up(point)
        if self.now.status in (EInvoiceStatus.QUEUED, EInvoiceStatus.VALIDATING):
            if await self._is_void():
                return self._moved(
                    EInvoiceStatus.FAILED, _failure("invoice_is_void", "It was voided before.")
                ), None
            self.now = await self._with_credit()
            content = await self._content()
            if await self._is_invalid(content):
                return self.now, None
            return await self._submit(point, content)
        return await self._poll(point)

    async def _with_credit(self) -> EInvoice:
        """The e-invoice with a document that asks for what is due: what credit settled may be known since.

        Raises CreditUnknown.
        """
        openings, e_invoice = self._sender.openings, self.now
        if openings is None or e_invoice.credit_note_id is not None:
            return e_invoice
        if not await openings.learn(e_invoice.workspace_id, e_invoice.invoice_id):
            raise CreditUnknown
        async with begin(self._database) as unit:
            work = unit.within(e_invoice.workspace_id, self._clock)
            validation = self._sender.access_points.validation
            return await operations.rewrite_with_credit(work, e_invoice, validation)

    async def _is_invalid(self, content: bytes) -> bool:
        """Whether it breaks rules that have come into force since it was queued."""
        validation = self._sender.access_points.validation
        rule_set = validation.rule_set(self.now.syntax)
        if rule_set == self.now.rule_set:
            return False
        if self.now.status is EInvoiceStatus.QUEUED:
            await self._keep(self._moved(EInvoiceStatus.VALIDATING))
        findings = tuple(await validation.findings(content, self.now.syntax))
        judged = replace(self.now, rule_set=rule_set, findings=findings)
        fatal = [finding for finding in findings if finding.severity == "fatal"]
        if not fatal:
            self.now = judged
            return False
        failure = _failure(fatal[0].rule, fatal[0].message)
        await self._keep(rules.move(judged, EInvoiceStatus.INVALID, self._clock.now(), failure))
        return True

    async def _submit(self, point: AccessPoint, content: bytes) -> tuple[EInvoice, timedelta | None]:
        receiver = Participant.from_text(self.now.receiver)
        is_credit_note = self.now.credit_note_id is not None
        if not await point.can_receive(receiver, is_credit_note=is_credit_note):
            failure = _failure("receiver_not_registered", "The network does not know this receiver.")
            return self._moved(EInvoiceStatus.FAILED, failure), None
        return await self._handed_in(point, content)

    async def _handed_in(self, point: AccessPoint, content: bytes) -> tuple[EInvoice, timedelta | None]:
        was_unknown = self.now.status is EInvoiceStatus.UNKNOWN
        self._sender.reach("before_commit_begin")
        await self._keep(rules.begin_submit(self.now, self._clock.now()))
        self._sender.reach("after_commit_begin")
        sending = DocumentToSubmit(
            self.now.submission_guid,
            content,
            self.now.syntax,
            self.now.credit_note_id is not None,
            Participant.from_text(self.now.sender),
            Participant.from_text(self.now.receiver),
        )
        try:
            submission = await point.submit(sending)
        except AccessPointError as error:
            return self._after_error(error, was_unknown)
        self._sender.reach("after_submit")
        return self._submitted(submission)

    async def _look_up(self, point: AccessPoint) -> tuple[EInvoice, timedelta | None]:
        can = point.capabilities
        submission = await point.find(self.now.submission_guid) if can.lookup_by_guid else None
        if submission:
            return self._submitted(submission)
        looked = replace(self.now, miss_count=self.now.miss_count + 1)
        delay = delay_after(self._delays.lookups, looked.miss_count)
        if delay is None:
            return self._gave_up(looked)
        if can.lookup_by_guid and looked.miss_count < LOOKUPS_BEFORE_REPETITION:
            return looked, delay
        if not can.idempotency:
            return looked, delay
        # It processes the first of one guid alone: this finds out what it has, or hands it in at last.
        self.now = looked
        return await self._handed_in(point, await self._content())

    async def _poll(self, point: AccessPoint) -> tuple[EInvoice, timedelta | None]:
        reference = self.now.provider_reference
        if reference is None:
            return self.now, None
        seen = await point.status(reference)
        delays = self._delays.polls if self.now.status is EInvoiceStatus.SUBMITTED else self._delays.replies
        if seen.status not in rules.MOVES[self.now.status]:
            looked = replace(self.now, miss_count=self.now.miss_count + 1)
            return looked, None if seen.is_final else delay_after(delays, looked.miss_count)
        evidence = await point.evidence(reference) if self.now.evidence is None else None
        moved = self._moved(
            seen.status,
            seen.failure,
            miss_count=0,
            evidence=dict(evidence) if evidence else self.now.evidence,
        )
        return moved, None if seen.is_final else delay_after(self._delays.replies, 0)

    def _submitted(self, submission: Submission) -> tuple[EInvoice, timedelta | None]:
        moved = self._moved(EInvoiceStatus.SUBMITTED, provider_reference=submission.reference, miss_count=0)
        return moved, delay_after(self._delays.polls, 0)

    def _after_error(self, error: AccessPointError, was_unknown: bool) -> tuple[EInvoice, timedelta | None]:
        # No error of a repetition tells what became of the first: it may be refused for being known.
        if was_unknown or isinstance(error, AccessPointUnknownOutcome):
            delay = delay_after(self._delays.lookups, self.now.miss_count)
            return self._moved(EInvoiceStatus.UNKNOWN, _failure("no_answer", str(error))), delay or timedelta(
                0
            )
        if isinstance(error, AccessPointRefused):
            return self._moved(EInvoiceStatus.REJECTED, _failure(error.code, str(error))), None
        return self._after_unavailable(error)

    def _after_unavailable(self, error: Exception) -> tuple[EInvoice, timedelta | None]:
        missed = self.now.miss_count + 1
        delay = delay_after(self._delays.retries, missed - 1)
        to = EInvoiceStatus.FAILED if delay is None else EInvoiceStatus.QUEUED
        return self._moved(to, _failure("access_point_unavailable", str(error)), miss_count=missed), delay

    def _missed(self, error: Exception) -> tuple[EInvoice, timedelta | None]:
        """After an error by which nothing was learned."""
        looked = replace(self.now, miss_count=self.now.miss_count + 1)
        log.warning("e_invoice.missed", e_invoice_id=str(self.now.id), error=repr(error))
        if looked.status in (EInvoiceStatus.QUEUED, EInvoiceStatus.VALIDATING):
            delay = delay_after(self._delays.retries, looked.miss_count - 1)
            if delay is None:
                code = getattr(error, "code", "access_point_unavailable")
                return rules.move(
                    looked, EInvoiceStatus.FAILED, self._clock.now(), _failure(code, str(error))
                ), None
            return looked, delay
        if looked.status is EInvoiceStatus.UNKNOWN:
            delay = delay_after(self._delays.lookups, looked.miss_count)
            return (looked, delay) if delay is not None else self._gave_up(looked)
        return looked, delay_after(self._delays.polls, looked.miss_count)

    def _gave_up(self, looked: EInvoice) -> tuple[EInvoice, None]:
        failure = _failure("outcome_unknown", "The access point never told whether it has the document.")
        return rules.move(looked, EInvoiceStatus.FAILED, self._clock.now(), failure), None

    def _moved(
        self, to: EInvoiceStatus, failure: EInvoiceFailure | None = None, **learnt: Unpack[rules.Learnt]
    ) -> EInvoice:
        return rules.move(self.now, to, self._clock.now(), failure, **learnt)

    async def _content(self) -> bytes:
        async with self._database.transaction() as tx:
            return await e_invoices.document(tx, self.now.workspace_id, self.now.id)

    async def _is_void(self) -> bool:
        async with self._database.transaction() as tx:
            return await e_invoices.is_void(tx, self.now.workspace_id, self.now.invoice_id)

    async def _keep(self, moved: EInvoice) -> None:
        async with begin(self._database) as unit:
            work = unit.within(moved.workspace_id, self._clock)
            await operations.save_step(work, moved, self._sender.limits.lease)
        self.now = moved

    async def _finish(self, moved: EInvoice, delay: timedelta | None) -> None:
        before = self.now
        async with begin(self._database) as unit:
            work = unit.within(moved.workspace_id, self._clock)
            await operations.finish_step(work, before, moved, delay)
            self._sender.reach("before_commit_outcome")
        metrics.E_INVOICE_STEPS.labels(moved.status.value).inc()
        log.info(
            "e_invoice.stepped",
            e_invoice_id=str(moved.id),
            workspace_id=str(moved.workspace_id),
            status=moved.status.value,
            attempt_count=moved.attempt_count,
            failure=moved.failure.code if moved.failure else None,
        )


def _failure(code: str, message: str) -> EInvoiceFailure:
    return EInvoiceFailure(code=code, message=message[:500])
