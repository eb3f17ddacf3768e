"""What routes need besides a unit of work and a principal."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request

from shared.kernel.addresses import Egress
from shared.kernel.key_ring import KeyRing

MAX_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Tools:
    """What main.py makes once for all requests."""

    ring: KeyRing
    egress: Egress


async def tools_of(request: Request) -> Tools:
    """The tools of this process."""
    tools: Tools = request.app.state.tools
    return tools


Toolbox = Annotated[Tools, Depends(tools_of)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(max_length=300)]
