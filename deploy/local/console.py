"""What a person sees: steps with their times, and the logs of all programs under coloured names."""

import asyncio
import shutil
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

FOLLOW_SECONDS = 0.15
TICK_SECONDS = 0.1
# Where nothing can move, as in the log of a build, a line now and then says that something goes on.
HEARTBEAT_SECONDS = 15
READ_BYTES = 256 * 1024
NAME_WIDTH = 20
DETAIL_WIDTH = 34
COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


@dataclass
class Console:
    """Writes calm lines, and what is under way: a moving line on a terminal, elsewhere one now and then."""

    is_quiet: bool = False
    is_terminal: bool = field(default_factory=sys.stdout.isatty)
    under_way: dict[str, float] = field(default_factory=dict)
    # How far what is under way has come.
    words: dict[str, str] = field(default_factory=dict)
    ticker: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def step(self, name: str, detail: str = "") -> AsyncIterator[None]:
        """Show a step while it goes on, and its duration when it is done."""
        started_at = self.under_way[name] = time.monotonic()
        if self.ticker is None:
            self.ticker = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            del self.under_way[name]
            if not self.under_way:
                self._rest()
        self._done(name, detail, started_at)

    @contextmanager
    def working(self, name: str, detail: str = "") -> Iterator[Callable[[str], None]]:
        """The same for code that has no loop; what is yielded takes a word about how far it has come."""
        started_at = self.under_way[name] = time.monotonic()
        ended = threading.Event()
        thread = threading.Thread(target=self._tick_until, args=(ended,), daemon=True)
        thread.start()
        try:
            yield lambda word: self.words.update({name: word})
        finally:
            ended.set()
            thread.join()
            del self.under_way[name]
            detail = self.words.pop(name, detail)
            self._clear()
        self._done(name, detail, started_at)

    def line(self, text: str = "") -> None:
        """One line, unless quiet."""
        if not self.is_quiet:
            self._clear()
            print(text, flush=True)

    def note(self, text: str) -> None:
        """Something a person should notice while the stack runs."""
        self.line(f"  {self.paint('•', 33)} {text}")

    def error(self, text: str) -> None:
        """Always shown, on the error stream."""
        self._clear()
        print(f"{self.paint('✗', 31)} {text}", file=sys.stderr, flush=True)

    def paint(self, text: str, colour: int) -> str:
        """The text in an ANSI colour (2 is dim) where a terminal shows it."""
        return f"\x1b[{colour}m{text}\x1b[0m" if self.is_terminal else text

    async def follow(self, logs: Mapping[str, Path]) -> None:
        """Print what the programs write from now on, each line under its program's name; never returns."""
        positions = {name: size(path) for name, path in logs.items()}
        while True:
            for place, (name, path) in enumerate(logs.items()):
                prefix = self.paint(f"{name:<{NAME_WIDTH}} │", COLOURS[place % len(COLOURS)])
                lines, positions[name] = new_lines(path, positions[name])
                for text in lines:
                    self.line(f"{prefix} {text}")
            await asyncio.sleep(FOLLOW_SECONDS)

    def _done(self, name: str, detail: str, started_at: float) -> None:
        facts = f"{detail:<{DETAIL_WIDTH}} {time.monotonic() - started_at:5.1f} s"
        self.line(f"  {self.paint('✓', 32)} {name:<{NAME_WIDTH}} {self.paint(facts, 2)}")

    async def _tick(self) -> None:
        for place in range(sys.maxsize):
            await asyncio.sleep(self._pause_seconds)
            self._show_under_way(place)

    def _tick_until(self, ended: threading.Event) -> None:
        for place in range(sys.maxsize):
            if ended.wait(self._pause_seconds):
                return
            self._show_under_way(place)

    @property
    def _pause_seconds(self) -> float:
        return TICK_SECONDS if self.is_terminal else HEARTBEAT_SECONDS

    def _show_under_way(self, place: int) -> None:
        if not self.under_way or self.is_quiet:
            return
        seconds = time.monotonic() - min(self.under_way.values())
        names = ", ".join(f"{name} {self.words.get(name, '')}".rstrip() for name in list(self.under_way))
        if not self.is_terminal:
            print(f"  … {names}: {seconds:.0f} s", flush=True)
            return
        text = f"  {SPINNER[place % len(SPINNER)]} {names} … {seconds:.0f} s"
        print(f"\r\x1b[2K{text[: shutil.get_terminal_size().columns - 1]}", end="", flush=True)

    def _rest(self) -> None:
        if self.ticker is not None:
            self.ticker.cancel()
            self.ticker = None

    def _clear(self) -> None:
        if self.is_terminal:
            print("\r\x1b[2K", end="", flush=True)


def size(path: Path) -> int:
    """The size of a file in bytes, 0 when there is none."""
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def new_lines(path: Path, position: int) -> tuple[list[str], int]:
    """The whole lines behind this position in bytes, and the position behind them."""
    if size(path) < position:
        position = 0  # the file was cut
    if size(path) == position:
        return [], position
    with path.open("rb") as file:
        file.seek(position)
        block = file.read(READ_BYTES)
    end = block.rfind(b"\n") + 1
    if end == 0 and len(block) == READ_BYTES:
        end = len(block)  # one endless line must not stop the rest
    return block[:end].decode(errors="replace").splitlines(), position + end
