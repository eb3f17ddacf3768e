"""What routes need besides a transaction and a principal."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request

from services.webhook_delivery.deliveries.channels.sender import Transport
from services.webhook_delivery.deliveries.operations.handoff import Handoff
from services.webhook_delivery.endpoints.operations.subscriber_cache import SubscriberCache
from shared.kernel.addresses import Egress
from shared.kernel.key_ring import KeyRing

MAX_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Tools:
    """What main.py makes once for all requests."""

    ring: KeyRing
    egress: Egress
    subscribers: SubscriberCache
    handoff: Handoff
    transport: Transport


async def tools_of(request: Request) -> Tools:
    """The tools of this process."""
    tools: Tools = request.app.state.tools
    return tools


Toolbox = Annotated[Tools, Depends(tools_of)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(max_length=300)]
