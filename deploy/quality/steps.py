"""Commands run two at a time, each shown with its time, its output only where it fails."""

import asyncio
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.console import NAME_WIDTH, Console
from deploy.local.paths import REPOSITORY

SIDE_BY_SIDE = 2
TOOLS = Path(sys.executable).parent


@dataclass(frozen=True)
class Step:
    """One command: what it is called, what it looks at, and what its failure asks for."""

    name: str
    detail: str
    command: Sequence[str]
    mend: str = ""
    # What it prints is shown though it does not fail.
    is_told: bool = False


class Failed(Exception):
    """A command has left with another code than 0; its output has been shown."""


def python(*arguments: str) -> list[str]:
    """The command that runs this interpreter with these arguments."""
    return [sys.executable, *arguments]


def tool(name: str, *arguments: str) -> list[str]:
    """The command that runs a program which lies beside this interpreter."""
    return [str(TOOLS / name), *arguments]


async def run_all(console: Console, steps: Sequence[Step]) -> list[str]:
    """Run every step, in this order and two at once; gives the names of those that failed."""
    waiting = deque(steps)
    failed: list[str] = []

    async def take_turns() -> None:
        while waiting:
            step = waiting.popleft()
            if not await _run(console, step):
                failed.append(step.name)

    async with asyncio.TaskGroup() as group:
        for _ in range(SIDE_BY_SIDE):
            group.create_task(take_turns())
    return failed


async def _run(console: Console, step: Step) -> bool:
    started_at = time.monotonic()
    try:
        async with console.step(step.name, step.detail):
            code, output = await _ended(step.command)
            if code:
                raise Failed
    except Failed:
        facts = f"{step.detail}  {time.monotonic() - started_at:.1f} s"
        console.line(f"  {console.paint('✗', 31)} {step.name:<{NAME_WIDTH}} {console.paint(facts, 2)}")
        console.line(_indented(output))
        if step.mend:
            console.line(f"    → {step.mend}")
        return False
    if step.is_told and output.strip():
        console.line(_indented(output))
    return True


async def _ended(command: Sequence[str]) -> tuple[int, str]:
    """The command's exit code, and all that it wrote."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=REPOSITORY,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode(errors="replace")


def _indented(output: str) -> str:
    return "\n".join(f"    {line}" for line in output.rstrip().splitlines())
