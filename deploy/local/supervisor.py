"""Keeps the programs of the stack alive: starts them in order, starts again what dies, stops in reverse.

Why our own: honcho stops everything when one process ends; supervisord and circus restart, but know
no readiness and no "after this one is ready" (circus also drags in ZeroMQ and tornado), and none of
the three reports a changed pid or keeps Postgres under another account. What is left to write is this file.
"""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from deploy.local import process
from deploy.local.errors import LocalError
from deploy.local.process import Program

POLL_SECONDS = 0.05
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
# A program that lived this long did start well: the next pause is the short one again.
STEADY_AFTER_SECONDS = 10.0

Say = Callable[[str], None]


@dataclass
class Kept:
    """One program under supervision and the process that runs it now."""

    program: Program
    process: subprocess.Popen[bytes]
    watch: asyncio.Task[None] | None = None


@dataclass
class Supervisor:
    """Call everything on it from the event loop of the main thread."""

    say: Say
    on_change: Callable[[], None]
    kept: dict[str, Kept] = field(default_factory=dict)
    is_stopping: bool = False

    async def start(self, program: Program) -> None:
        """Start a program and wait until it serves; from then on it is started again whenever it ends.

        Raises LocalError when it ends or stays silent before it has served once.
        """
        kept = Kept(program, process.start(program))
        self.kept[program.name] = kept
        await until_ready(kept)
        kept.watch = asyncio.create_task(self._keep_alive(kept))
        self.on_change()

    async def stop(self, names: Iterable[str]) -> None:
        """Stop these programs side by side, by force when their time is over."""
        self.is_stopping = True
        await asyncio.gather(*(self._stop_one(self.kept[name]) for name in names if name in self.kept))

    def kill(self) -> None:
        """End everything at once, without grace."""
        self.is_stopping = True
        for kept in self.kept.values():
            kept.process.send_signal(signal.SIGKILL)

    def pid(self, name: str) -> int:
        """The process that runs this program now."""
        return self.kept[name].process.pid

    async def _keep_alive(self, kept: Kept) -> None:
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            started_at = time.monotonic()
            code = await ended(kept.process)
            if self.is_stopping:
                return
            if time.monotonic() - started_at > STEADY_AFTER_SECONDS:
                pause_seconds = FIRST_PAUSE_SECONDS
            self.say(
                f"{kept.program.name} ended ({reason(code)}); starting it again in {pause_seconds:.1f} s"
            )
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)
            await self._start_again(kept)

    async def _start_again(self, kept: Kept) -> None:
        started_at = time.monotonic()
        try:
            kept.process = process.start(kept.program)
            self.on_change()
            await until_ready(kept)
        except (LocalError, OSError) as error:
            self.say(str(error))
            return
        self.say(f"{kept.program.name} is back after {time.monotonic() - started_at:.1f} s")

    async def _stop_one(self, kept: Kept) -> None:
        if kept.watch:
            kept.watch.cancel()
            await asyncio.gather(kept.watch, return_exceptions=True)
        await asyncio.to_thread(process.stop, kept.program, kept.process)


async def until_ready(kept: Kept) -> None:
    """Wait until the program serves; raises LocalError with the end of its log when it does not."""
    program, deadline = kept.program, time.monotonic() + kept.program.start_timeout_seconds
    while not await asyncio.to_thread(program.is_ready):
        process.check_starting(program, kept.process, deadline)
        await asyncio.sleep(POLL_SECONDS)


async def ended(running: subprocess.Popen[bytes]) -> int:
    """Wait for the end of a process; its exit code, negative for a signal."""
    while (code := running.poll()) is None:
        await asyncio.sleep(POLL_SECONDS)
    return code


def reason(code: int) -> str:
    """An exit code in words."""
    return f"code {code}" if code >= 0 else signal.Signals(-code).name
