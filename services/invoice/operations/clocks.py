"""How work that spans workspaces learns their clocks: the edge hands it the way to ask."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from shared.kernel.clock import Clock
from shared.postgres.pool import Connection

ClocksOf = Callable[[Connection, list[UUID]], Awaitable[dict[UUID, Clock]]]
