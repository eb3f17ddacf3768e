"""What happens every second while payment processing is scaled."""

import asyncio
import time
from dataclasses import dataclass, field

import asyncpg

from deploy.scaling.load import Load

_SETTLED = "SELECT count(*) FROM payment.collection WHERE state = 'succeeded'"
SETTLED_TIMEOUT_SECONDS = 300
SETTLING_SECONDS = 10


@dataclass(frozen=True)
class Moment:
    """One look: seconds since the beginning, and counts since then."""

    at: float
    workers: int
    issued: int
    settled: int

    @property
    def waiting(self) -> int:
        """Invoices that are issued and not collected yet, wherever they are."""
        return self.issued - self.settled


@dataclass
class Watch:
    """Looks once a second, as the database's administrator."""

    connection: asyncpg.Connection
    load: Load
    began: float = field(default_factory=time.monotonic)
    workers: int = 0
    moments: list[Moment] = field(default_factory=list)

    async def look(self) -> Moment:
        """Count now."""
        settled = await self.connection.fetchval(_SETTLED)
        moment = Moment(time.monotonic() - self.began, self.workers, self.load.issued_count, settled)
        self.moments.append(moment)
        return moment

    async def during(self, seconds: float) -> None:
        """Look every second for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await self.look()
            await asyncio.sleep(1)

    async def until_settled(self) -> None:
        """Look every second until every invoice is collected; raises TimeoutError."""
        async with asyncio.timeout(SETTLED_TIMEOUT_SECONDS):
            while (await self.look()).waiting:
                await asyncio.sleep(1)

    def rate(self, workers: int) -> float:
        """Collections a second while so many workers ran and had work; ten seconds to settle left out."""
        busy = [
            moment for moment in self.moments if moment.workers == workers and moment.waiting > workers * 4
        ]
        steady = [moment for moment in busy if moment.at >= busy[0].at + SETTLING_SECONDS]
        if len(steady) < 2:
            return 0.0
        return (steady[-1].settled - steady[0].settled) / (steady[-1].at - steady[0].at)
