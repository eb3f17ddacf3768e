"""How much is billed at once on request: a sandbox's clock goes far, so nothing is capped there."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from services.subscription_renewal.subscriptions.domain import cycle
from services.subscription_renewal.subscriptions.domain.cycle import Limits
from services.subscription_renewal.subscriptions.operations import limited
from shared.http.internal_auth import Principal, Who
from shared.http.work import Work


async def limited_work(work: Work, who: Who, request: Request) -> limited.LimitedWork:
    """The request's unit of work with the limits that hold in its workspace."""
    limits: Limits = request.app.state.renewal_pace.limits
    if who.mode == "sandbox":
        limits = replace(cycle.UNCAPPED, periods_at_once=limits.periods_at_once)
    return work.having(limited.LimitedWork, limits=limits)


def usage_grace(request: Request, who: Principal) -> timedelta:
    """How long after a period its usage is billed: in a sandbox at once, where usage is counted at once."""
    grace: timedelta = request.app.state.usage_grace
    return timedelta(0) if who.mode == "sandbox" else grace


LimitedWork = Annotated[limited.LimitedWork, Depends(limited_work, scope="function")]
