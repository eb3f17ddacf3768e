"""Asks the payment service what credit settled of an invoice at its issue: the events are on their way."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from shared.http.client import ServiceClient
from shared.kernel.errors import BillingError, NotFound
from shared.kernel.json import JsonObject

SCOPES = frozenset({"payments:read"})
"""What a token for this question must allow."""
_PAUSE_MS = 50


@dataclass(frozen=True, slots=True)
class PaymentService:
    """Where to ask, and how long to wait for an invoice that it has not heard of yet."""

    client: ServiceClient
    sign: Callable[[UUID], str]
    wait_seconds: float

    async def settled_at_issue(self, workspace_id: UUID, invoice_id: UUID) -> int | None:
        """In minor units; None where it does not answer, or has not heard of the invoice by then."""
        token = self.sign(workspace_id)
        path = f"/internal/receivables/{invoice_id}/opening"
        deadline = time.monotonic() + self.wait_seconds
        while True:
            try:
                return _read_settled(await self.client.get(path, token))
            except NotFound:
                if time.monotonic() >= deadline:
                    return None
            except (BillingError, ValueError, LookupError, TypeError):
                return None
            await asyncio.sleep(_PAUSE_MS / 1000)


def _read_settled(reply: JsonObject) -> int:
    settled = reply["settled_minor"]
    if not isinstance(settled, int) or settled < 0:
        raise ValueError("this is no amount")
    return settled
