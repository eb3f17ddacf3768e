"""A sender that is killed between sending and noting it: `python -m … <dsn> <port of the mail server>`."""

import asyncio
import os
import signal
import sys

from services.invoice.common.domain import public_link
from shared.postgres.pool import PoolLimits, create_pool
from shared.postgres.transaction import Database
from tests.integration.invoice.mail_server import Inbox, a_sender, send_all


def die(point: str) -> None:
    """As by the kernel: nothing is cleaned up."""
    if point == "after_send":
        os.kill(os.getpid(), signal.SIGKILL)


async def send_and_die(dsn: str, port: int) -> None:
    """Send what is due, as far as it goes."""
    public_link.configure("https://pay.example.com", f"k1:{'A' * 43}=")
    async with await create_pool(dsn, "dying", PoolLimits(min_size=1, max_size=2)) as pool:
        await send_all(a_sender(Database(pool), Inbox(port=port), reach=die))


if __name__ == "__main__":
    asyncio.run(send_and_die(sys.argv[1], int(sys.argv[2])))
