"""Who is in the story, and its chapters in their order."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.story.telling import Telling


@dataclass
class World:
    """What chapters share: who asks, where webhooks arrive, and what was made before."""

    tell: Telling
    admin: httpx.AsyncClient
    hooks_url: str
    made: dict[str, Any] = field(default_factory=dict)


Chapter = Callable[[World], Awaitable[None]]


def day(offset: int = 0) -> str:
    """Today, or so many days later."""
    return (datetime.now(UTC) + timedelta(days=offset)).date().isoformat()
