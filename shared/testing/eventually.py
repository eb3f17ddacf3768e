"""Waits for what happens by itself after a while, and says so when it does not."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any


async def eventually(
    probe: Callable[[], Any], timeout_seconds: float = 10, every_seconds: float = 0.02
) -> Any:
    """The probe's first true value; raises TimeoutError with its last value or error.

    The probe may be a function or a coroutine function; an AssertionError counts as "not yet".
    """
    deadline = time.monotonic() + timeout_seconds
    last: Any = None
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
