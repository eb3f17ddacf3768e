"""`Prefer: wait=N` on a payment (RFC 7240): answer once its invoices show it, or after N seconds."""

import asyncio
import re
from dataclasses import replace
from typing import Any

from services.gateway.edge.authentication import Caller
from services.gateway.edge.gateway import Gateway
from shared.http.client import Answer
from shared.kernel.errors import BillingError
from shared.kernel.json import JsonObject

MAX_WAIT_SECONDS = 10
_WAIT = re.compile(r"(?:^|[\s,;])wait\s*=\s*\"?(\d{1,6})", re.IGNORECASE)


def may_wait(method: str, path: str) -> bool:
    """Whether this request registers a payment."""
    return method == "POST" and path == "/v1/payments"


async def awaited(gateway: Gateway, caller: Caller, prefer: str, answer: Answer) -> Answer:
    """The answer to a payment, with Preference-Applied when every invoice shows the payment in time.

    The payment is registered whatever comes of the waiting, so a fault here is no error.
    """
    seconds = wanted_seconds(prefer)
    if not seconds:
        return answer
    allocations: list[dict[str, Any]] = answer.json()["allocations"]
    authorization = gateway.authenticator.with_scope(caller, "invoices:read")
    shown = await asyncio.gather(
        *(_is_shown(gateway, authorization, allocation, seconds) for allocation in allocations)
    )
    if not all(shown):
        return answer
    return replace(answer, headers={**answer.headers, "preference-applied": f"wait={seconds}"})


def wanted_seconds(prefer: str) -> int:
    """How long the header asks us to wait, at most ten seconds; 0 where it does not."""
    found = _WAIT.search(prefer)
    return min(int(found[1]), MAX_WAIT_SECONDS) if found else 0


async def _is_shown(gateway: Gateway, authorization: str, allocation: JsonObject, seconds: int) -> bool:
    path = (
        f"/internal/invoices/{allocation['invoice_id']}/settlement"
        f"?receivable_version={allocation['receivable_version']}&wait_seconds={seconds}"
    )
    try:
        answer = await gateway.upstreams["invoice"].ask("GET", path, {"authorization": authorization})
        return answer.is_success and answer.json()["is_applied"] is True
    except BillingError:
        return False
