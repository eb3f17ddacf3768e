"""Learns what credit settled of an issued invoice before anything about it is given out.

An invoice is issued here, and the contact's credit taken in the payment service a moment later. Until that is
known, a document would ask for money that is not due.
"""

from uuid import UUID

import structlog

from services.invoice.invoices.repository import editions
from services.invoice.upstream import SCOPES, PaymentService
from shared.http.client import ServiceClient
from shared.http.internal_auth import InternalTokens, Principal
from shared.kernel.errors import Unavailable
from shared.postgres.transaction import Database

log = structlog.get_logger()


class CreditUnknown(Unavailable):
    """It is not known yet what the contact's credit settled of this invoice: ask again in a moment."""

    code = "credit_unknown"


class CreditAtIssue:
    """Asks once an invoice, and remembers."""

    def __init__(self, database: Database, payment: PaymentService) -> None:
        self._database = database
        self._payment = payment

    async def learn(self, workspace_id: UUID, invoice_id: UUID) -> bool:
        """Whether documents of the invoice may be given out now; waits a moment for the answer.

        Without an answer they may where the contact is not known to have credit: False is for the others.
        """
        async with self._database.transaction(workspace_id) as tx:
            is_unknown, has_credit = await editions.lacks_settled(tx, workspace_id, invoice_id)
        if not is_unknown:
            return True
        settled = await self._payment.settled_at_issue(workspace_id, invoice_id)
        if settled is None:
            log.warning("opening.unknown", invoice_id=str(invoice_id), has_credit=has_credit)
            return not has_credit
        async with self._database.transaction(workspace_id) as tx:
            await editions.note_settled(tx, workspace_id, invoice_id, settled)
        return True


def payment_service(client: ServiceClient, tokens: InternalTokens, wait_seconds: float) -> PaymentService:
    """What asks the payment service with tokens for this question alone."""

    def sign(workspace_id: UUID) -> str:
        return tokens.sign(Principal(workspace_id, "service:invoice", SCOPES))

    return PaymentService(client, sign, wait_seconds)
