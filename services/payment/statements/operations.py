"""Bank statements: all lines of one are registered in one transaction, in a few statements."""

from collections.abc import Sequence
from uuid import UUID

from services.payment.allocations import repository as allocations
from services.payment.contacts import repository as contacts
from services.payment.credit_balances.operations import add_credits
from services.payment.payments.domain import payment as payment_rules
from services.payment.payments.domain.payment import Payment
from services.payment.payments.domain.registration import DuplicateExternalReference
from services.payment.payments.repository import new_payments
from services.payment.statements import repository as statements
from services.payment.statements.domain import statement as rules
from services.payment.statements.domain.statement import Line, LineOutcome, Statement
from shared.events.payment import PaymentCreated
from shared.kernel.errors import Unavailable
from shared.messaging.work import Work


async def import_lines(work: Work, lines: Sequence[Line], default_currency: str) -> list[LineOutcome]:
    """Register each line as its own payment; what became of each, in their order.

    Raises Unavailable when a line with the same external reference comes in by another way at this moment.
    """
    statement = await _begin_statement(work, lines, default_currency)
    results = [statement.take(line) for line in lines]
    payments = [result.payment for result in results if result.payment]
    if payments:
        created = [
            PaymentCreated.of(work.workspace_id, result.snapshot) for result in results if result.snapshot
        ]
        await _store(work, statement, payments, created)
    return results


async def _begin_statement(work: Work, lines: Sequence[Line], default_currency: str) -> Statement:
    named = [line.invoice_id for line in lines if line.invoice_id]
    locked = await statements.lock_meant(work.tx, work.workspace_id, named, rules.all_keys(lines))
    wanted = {line.registration.contact_id for line in lines if line.registration.contact_id}
    contact_ids = (
        await contacts.filter_known(work.tx, work.workspace_id, wanted) if wanted else frozenset[UUID]()
    )
    references = rules.references(lines)
    earlier = await new_payments.earlier(work.tx, work.workspace_id, references) if references else {}
    statement = Statement(
        workspace_id=work.workspace_id,
        default_currency=default_currency,
        clock=work.clock,
        receivables={receivable.invoice_id: receivable for receivable in locked},
        known_contacts=contact_ids,
        earlier=earlier,
    )
    statement.serials = iter(await allocations.serials(work.tx, statement.most_allocations(lines)))
    return statement


async def _store(
    work: Work, statement: Statement, payments: Sequence[Payment], created: Sequence[PaymentCreated]
) -> None:
    work.record(*created)
    # Balances are locked before references, as registering one payment does it.
    credits = [payment_rules.surplus(payment) for payment in payments if payment.unallocated_minor]
    if credits:
        await add_credits(work, credits)
    paid = [statement.receivables[id_] for id_ in sorted(statement.changed)]
    try:
        await new_payments.insert_all(work.tx, payments, paid, statement.transfers, work.take_columns())
    except DuplicateExternalReference as error:
        message = "A line is registered by another request at this moment."
        raise Unavailable(message, retry_after_seconds=1) from error
