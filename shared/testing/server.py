"""Serves an app inside the test's own process: real HTTP on a free port, there and gone without a pause."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn

from shared.testing.eventually import eventually

START_TIMEOUT_SECONDS = 30
LOOK_SECONDS = 0.005


class Server(uvicorn.Server):
    """Ends as soon as it is told to and its connections are closed: uvicorn looks ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()

    def leave(self) -> None:
        """Stop listening, finish what is asked, end."""
        self.should_exit = True
        self._told.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals stay the test runner's."""
        yield

    async def main_loop(self) -> None:
        """Write the date of answers anew each second until it is told to leave."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, without its tenth of a second at each step."""
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(LOOK_SECONDS)
        await self.lifespan.shutdown()


@contextlib.asynccontextmanager
async def serving(config: uvicorn.Config) -> AsyncIterator[str]:
    """Serve the config's app until the end of the block; yields its URL. Raises where it does not start."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await eventually(
                lambda: server.started or serving.done(), START_TIMEOUT_SECONDS, every_seconds=LOOK_SECONDS
            )
            if serving.done():
                raise RuntimeError("the server did not start; its log says why")
            yield url
        finally:
            server.leave()
            await serving
