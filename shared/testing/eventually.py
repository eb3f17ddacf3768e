"""Waits for what happens by itself after a while, and says so when it does not."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(
    probe: Callable[[], Awaitable[T]], timeout_seconds: float = 10, every_seconds: float = 0.02
) -> T: ...


@overload
async def eventually(
    probe: Callable[[], T], timeout_seconds: float = 10, every_seconds: float = 0.02
) -> T: ...


async def eventually(
    probe: Callable[[], object], timeout_seconds: float = 10, every_seconds: float = 0.02
) -> object:
    """The probe's first true value; raises TimeoutError with its last value or error.

    The probe may be a function or a coroutine function; an AssertionError counts as "not yet".
    """
    deadline = time.monotonic() + timeout_seconds
    last: object = None
    while True:
        try:
            last = probe()
            if inspect.isawaitable(last):
                last = await last
            if last:
                return last
        except AssertionError as error:
            last = error
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {last!r} after {timeout_seconds} s")
        await asyncio.sleep(every_seconds)
