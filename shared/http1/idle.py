"""Connections that wait for another request; the newest is taken first, so that the others may end."""

import asyncio
import math
from collections import deque
from collections.abc import Hashable

from shared.http1.connection import Connection


class IdleConnections:
    """Kept by where they lead to, each for so many seconds since its last use and since it was opened."""

    def __init__(self, max_count: int, idle_seconds: float, age_seconds: float = math.inf) -> None:
        self._max_count = max_count
        self._idle_seconds, self._age_seconds = idle_seconds, age_seconds
        self._by_origin: dict[Hashable, deque[Connection]] = {}
        self._count = 0
        self._sweep_at = 0.0

    def take(self, origin: Hashable) -> Connection | None:
        """One that can be used at once, if there is any."""
        now = asyncio.get_running_loop().time()
        if now >= self._sweep_at:
            self._sweep(now)
        connections = self._by_origin.get(origin)
        while connections:
            connection = connections.pop()
            self._count -= 1
            if self._is_good(connection, now):
                return connection
            connection.close()
        return None

    def keep(self, origin: Hashable, connection: Connection) -> None:
        """Keep it for another request, or close it where it cannot serve one or too many wait."""
        if connection.is_reusable and self._count < self._max_count:
            self._by_origin.setdefault(origin, deque()).append(connection)
            self._count += 1
        else:
            connection.close()

    def close(self) -> None:
        """Close all of them."""
        for connections in self._by_origin.values():
            for connection in connections:
                connection.close()
        self._by_origin.clear()
        self._count = 0

    def _is_good(self, connection: Connection, now: float) -> bool:
        is_young = now - connection.opened_at < self._age_seconds
        return connection.is_reusable and is_young and now - connection.used_at < self._idle_seconds

    def _sweep(self, now: float) -> None:
        """Close what has waited too long, also where nobody asks any more."""
        self._sweep_at = now + self._idle_seconds
        for origin, connections in list(self._by_origin.items()):
            kept: deque[Connection] = deque()
            for connection in connections:
                if self._is_good(connection, now):
                    kept.append(connection)
                else:
                    connection.close()
            self._count -= len(connections) - len(kept)
            if kept:
                self._by_origin[origin] = kept
            else:
                del self._by_origin[origin]
