"""Spreads connections over the replicas that are ready, as a Service does: `balancer PORT TARGET …`."""

import asyncio
import contextlib
import itertools
import sys
from collections.abc import Iterator, Sequence

from deploy.local.services import is_ready

CHECK_SECONDS = 0.2
BUFFER_BYTES = 64 * 1024


class Balancer:
    """Knows which of the target ports are ready, and pipes each new connection to the next of them."""

    def __init__(self, targets: Sequence[int]) -> None:
        self._targets = targets
        self._ready: list[int] = []
        self._turns: Iterator[int] = itertools.count()

    async def watch(self) -> None:
        """Look at the replicas again and again; never returns."""
        while True:
            answers = await asyncio.gather(*(asyncio.to_thread(is_ready, port) for port in self._targets))
            self._ready = [port for port, ready in zip(self._targets, answers, strict=True) if ready]
            await asyncio.sleep(CHECK_SECONDS)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pipe one connection to its end; without a ready replica it is closed at once."""
        with contextlib.suppress(OSError):
            if self._ready:
                port = self._ready[next(self._turns) % len(self._ready)]
                there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(_pipe(reader, there_writer), _pipe(there_reader, writer))
        writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(BUFFER_BYTES):
            writer.write(data)
            await writer.drain()
    # What one side has closed, the other must not wait on.
    writer.close()


async def main(port: int, targets: Sequence[int]) -> None:
    balancer = Balancer(targets)
    server = await asyncio.start_server(balancer.serve, "127.0.0.1", port)
    async with server:
        await balancer.watch()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(int(sys.argv[1]), [int(argument) for argument in sys.argv[2:]]))
