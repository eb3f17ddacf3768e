"""Asks the invoice service for what it owns, when its events are still under way."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from services.payment.receivables.domain import receivable as receivable_rules
from services.payment.receivables.domain.receivable import Receivable
from shared.http.client import ServiceClient
from shared.kernel.errors import Invalid, Unavailable

SCOPES = frozenset({"invoices:read", "contacts:read"})
"""What a token for these questions must allow."""
T = TypeVar("T")


async def fetch_receivable(
    client: ServiceClient, token: str, workspace_id: UUID, invoice_id: UUID
) -> Receivable:
    """What the invoice asks for; raises NotFound, InvoiceNotIssued or Unavailable."""
    return await _ask(
        client,
        f"/v1/invoices/{invoice_id}",
        token,
        lambda reply: receivable_rules.of_reply(workspace_id, reply),
    )


async def fetch_contact_id(client: ServiceClient, token: str, contact_id: UUID) -> UUID:
    """The contact's id, which shows that it exists; raises NotFound or Unavailable."""
    return await _ask(client, f"/v1/contacts/{contact_id}", token, lambda reply: UUID(str(reply["id"])))


async def _ask(client: ServiceClient, path: str, token: str, read: Callable[[Mapping[str, object]], T]) -> T:
    try:
        return read(await client.get(path, token))
    except (Invalid, ValueError, LookupError, TypeError) as error:
        # Its fault or a proxy's, never the caller's.
        raise Unavailable("The invoice service's answer cannot be read.", retry_after_seconds=5) from error
