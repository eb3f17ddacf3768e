"""Files: PDFs, XML and pictures, read as they come."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from billing_sdk._retries import Answer
from billing_sdk._transport import broken

CHUNK_BYTES = 64 * 1024


class File:
    """A file of the API: nothing is asked before it is read or saved."""

    __slots__ = ("_ask",)

    def __init__(self, ask: Callable[[bool], Answer]) -> None:
        self._ask = ask

    def read(self) -> bytes:
        """All of it."""
        return self._ask(False).content

    def iter_bytes(self, chunk_size: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Piece by piece, as it comes; raises ConnectionFailed where it breaks off."""
        import httpx

        response: Any = self._ask(True).stream
        try:
            yield from response.iter_bytes(chunk_size)
        except httpx.HTTPError as error:
            raise broken(error) from None
        finally:
            response.close()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to a path, which holds all of it or what it held before."""
        with _written(Path(path)) as write:
            for piece in self.iter_bytes():
                write(piece)
        return Path(path)


class AsyncFile:
    """A file of the API: nothing is asked before it is read or saved."""

    __slots__ = ("_ask",)

    def __init__(self, ask: Callable[[bool], Awaitable[Answer]]) -> None:
        self._ask = ask

    async def read(self) -> bytes:
        """All of it."""
        return (await self._ask(False)).content

    async def iter_bytes(self, chunk_size: int = CHUNK_BYTES) -> AsyncIterator[bytes]:
        """Piece by piece, as it comes; raises ConnectionFailed where it breaks off."""
        import httpx

        response: Any = (await self._ask(True)).stream
        try:
            async for piece in response.aiter_bytes(chunk_size):
                yield piece
        except httpx.HTTPError as error:
            raise broken(error) from None
        finally:
            await response.aclose()

    async def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to a path, which holds all of it or what it held before."""
        with _written(Path(path)) as write:
            async for piece in self.iter_bytes():
                write(piece)
        return Path(path)


@contextlib.contextmanager
def _written(path: Path) -> Iterator[Callable[[bytes], Any]]:
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            yield file.write
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
