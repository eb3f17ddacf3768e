"""How much is billed at once on request: a sandbox's clock goes far, so nothing is capped there."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request

from services.subscription_renewal.subscriptions.domain import cycle
from services.subscription_renewal.subscriptions.domain.cycle import Limits
from shared.http.internal_auth import current_principal


async def limits_of(request: Request) -> Limits:
    """The limits that hold in the request's workspace."""
    limits: Limits = request.app.state.renewal_pace.limits
    if (await current_principal(request)).mode == "sandbox":
        return replace(cycle.UNCAPPED, periods_at_once=limits.periods_at_once)
    return limits


Limited = Annotated[Limits, Depends(limits_of)]
