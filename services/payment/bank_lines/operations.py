"""Bank lines are matched by rule or by hand, ignored, and undone; each moves its money out of suspense."""

from collections.abc import Sequence
from uuid import UUID

from services.payment.bank_lines import repository as bank_lines
from services.payment.bank_lines.domain import line as line_rules
from services.payment.bank_lines.domain import matching
from services.payment.bank_lines.domain.line import (
    BankLine,
    IgnoredAs,
    LineDecision,
    LineGoesOut,
    LineIsMatched,
    LineState,
    Rule,
)
from services.payment.bank_lines.domain.matching import METHOD
from services.payment.ledger.domain import Occasion, Transfer
from services.payment.ledger.repository import ledger
from services.payment.payments.domain.payment import Payment
from services.payment.payments.domain.registration import Registration, Target
from services.payment.payments.operations.payments import register_payment
from services.payment.payments.operations.undoing import void_payment
from services.payment.payments.repository import payments
from services.payment.statements.operations import import_lines
from shared.kernel.errors import Invalid
from shared.messaging.work import Work


async def link_registered(work: Work, limit: int) -> list[UUID]:
    """Give lines that nobody has looked at the payments registered for them; the ids of all looked at."""
    lines = await bank_lines.lock_imported(work.tx, work.workspace_id, limit)
    incoming = [line for line in lines if line.entry.amount_minor > 0]
    if incoming:
        within = matching.REGISTERED_WITHIN
        registered = await bank_lines.lock_registered(work.tx, work.workspace_id, incoming, within)
        by_line = matching.find_registered(incoming, registered)
        now = work.clock.now()
        linked = [matching.link(line, by_line[line.id], now) for line in incoming if line.id in by_line]
        await _store(work, linked)
    return [line.id for line in lines]


async def match_imported(work: Work, line_ids: Sequence[UUID]) -> list[BankLine]:
    """Settle those of these lines that no rule leaves a doubt about; the others are for a person.

    What became of them. Raises what import_lines raises.
    """
    lines = await bank_lines.lock_imported(work.tx, work.workspace_id, len(line_ids), line_ids)
    incoming = [line for line in lines if line.entry.amount_minor > 0]
    now = work.clock.now()
    currency = incoming[0].entry.currency if incoming else ""
    outcomes = await import_lines(work, [matching.to_statement_line(line) for line in incoming], currency)
    decided = [matching.decide(line, outcome, now) for line, outcome in zip(incoming, outcomes, strict=True)]
    decided += [matching.leave_outgoing(line, now) for line in lines if line.entry.amount_minor < 0]
    await _store(work, decided)
    return decided


async def match_by_hand(
    work: Work, line_id: UUID, targets: tuple[Target, ...], contact_id: UUID | None
) -> BankLine:
    """Settle these invoices with the line's money, the rest is their contact's credit; a payment is made.

    Raises NotFound, LineIsMatched, LineGoesOut and what register_payment raises.
    """
    line = await _lock_incoming(work, line_id)
    entry = line.entry
    registration = Registration(
        targets=targets,
        contact_id=None if targets else contact_id,
        amount_minor=entry.amount_minor,
        amount=None,
        currency=entry.currency,
        method=METHOD,
        external_reference=None,
        paid_on=entry.booked_on,
        note=entry.remittance.text[:4000] or None,
    )
    payment = await register_payment(work, registration, entry.currency)
    return await _match(work, line, payment, has_made_payment=True)


async def link_by_hand(work: Work, line_id: UUID, payment_id: UUID) -> BankLine:
    """Say that the line is the money of a payment that was registered before.

    Raises NotFound, LineIsMatched, LineGoesOut, and Invalid where it cannot be this payment's money.
    """
    line = await _lock_incoming(work, line_id)
    payment = await payments.lock(work.tx, work.workspace_id, payment_id)
    if (payment.amount_minor, payment.currency) != (line.entry.amount_minor, line.entry.currency):
        raise Invalid("The payment is of another amount.", field="payment_id")
    if payment.state != "succeeded" or payment.provider is not None or payment.is_released_credit:
        raise Invalid("The payment is none that came in over a bank account.", field="payment_id")
    other_id = await payments.matched_line(work.tx, work.workspace_id, payment_id)
    if other_id:
        raise LineIsMatched("The payment has another line.", field="payment_id", bank_line_id=str(other_id))
    return await _match(work, line, payment, has_made_payment=False)


async def ignore_line(work: Work, line_id: UUID, ignored_as: IgnoredAs, reason: str) -> BankLine:
    """Book the line as what settles nothing here; raises NotFound, LineIsMatched or IllegalMove."""
    line = await bank_lines.lock(work.tx, work.workspace_id, line_id)
    decision = LineDecision(Rule.BY_HAND, (), work.clock.now(), work.actor)
    changed = line_rules.ignore(line, ignored_as, reason, decision)
    await _store(work, [changed])
    return changed


async def undo_line(work: Work, line_id: UUID, reason: str) -> BankLine:
    """Take back what was decided of the line: a payment that its match made is voided.

    Raises NotFound, LineNotDecided and what void_payment raises.
    """
    line = await bank_lines.lock(work.tx, work.workspace_id, line_id)
    decision = LineDecision(Rule.BY_HAND, (), work.clock.now(), work.actor)
    candidate_ids: list[UUID] = []
    method = METHOD
    if line.payment_id:
        payment = await payments.get(work.tx, work.workspace_id, line.payment_id)
        method = payment.method
        candidate_ids = [allocation.invoice_id for allocation in payment.allocations if allocation.live_minor]
    changed = line_rules.undo(line, candidate_ids, reason, decision)
    await bank_lines.save(work.tx, [changed])
    # Booked today, so that no closed day changes.
    occasion = Occasion("bank_match", line.id, work.clock.today(), work.clock.now())
    await ledger.write(work.tx, list(line_rules.decided(line, occasion, method, is_undone=True)))
    if line.payment_id and line.has_made_payment:
        await void_payment(work, line.payment_id, reason)
    return changed


async def _lock_incoming(work: Work, line_id: UUID) -> BankLine:
    line = await bank_lines.lock(work.tx, work.workspace_id, line_id)
    if line.entry.amount_minor < 0:
        raise LineGoesOut(field="id")
    if line.state is LineState.MATCHED:
        raise LineIsMatched(field="state", payment_id=str(line.payment_id))
    return line


async def _match(work: Work, line: BankLine, payment: Payment, *, has_made_payment: bool) -> BankLine:
    decision = LineDecision(Rule.BY_HAND, (), work.clock.now(), work.actor)
    changed = line_rules.match(line, payment.id, decision, has_made_payment=has_made_payment)
    await _store(work, [changed], payment.method)
    return changed


async def _store(work: Work, lines: Sequence[BankLine], method: str = METHOD) -> None:
    """Store decisions, and book those that take the money out of suspense on the day the bank booked it."""
    if not lines:
        return
    await bank_lines.save(work.tx, lines)
    transfers: list[Transfer] = []
    for line in lines:
        if line.state in (LineState.MATCHED, LineState.IGNORED):
            occasion = Occasion("bank_match", line.id, line.entry.booked_on, work.clock.now())
            transfers += line_rules.decided(line, occasion, method)
    if transfers:
        await ledger.write(work.tx, transfers)
