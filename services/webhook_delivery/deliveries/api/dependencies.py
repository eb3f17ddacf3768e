"""What routes that send, or have something sent, need of this process."""

from typing import Annotated

from fastapi import Depends, Request

from services.webhook_delivery.deliveries.channels.sender import Transport
from services.webhook_delivery.deliveries.operations.handoff import Handoff


async def handoff_of(request: Request) -> Handoff:
    """The way to the deliverer of this process."""
    handoff: Handoff = request.app.state.handoff
    return handoff


async def transport_of(request: Request) -> Transport:
    """What sends requests to receivers."""
    transport: Transport = request.app.state.transport
    return transport


HandoffTool = Annotated[Handoff, Depends(handoff_of)]
TransportTool = Annotated[Transport, Depends(transport_of)]
