"""What requests about collection share, from the app's state."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from services.payment.checkouts.operations import CheckoutTimes
from services.payment.collections.domain.collection import Delays
from services.payment.provider_connections.operations import Providers


@dataclass(frozen=True, slots=True)
class Tools:
    """The providers of all workspaces, how long collections wait for them, and checkouts for payers."""

    providers: Providers
    delays: Delays
    times: CheckoutTimes = field(default_factory=CheckoutTimes)


async def current_tools(request: Request) -> Tools:
    """The tools of this process."""
    tools: Tools = request.app.state.tools
    return tools


WithTools = Annotated[Tools, Depends(current_tools)]
