"""Looks names up in threads of its own, one a name: a name server that hangs delays its own names alone."""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

MAX_LOOKUPS = 64


class Resolver:
    """Lookups under way are shared; nothing is remembered, so that each dial sees what the name means now."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(MAX_LOOKUPS, thread_name_prefix="names")
        self._under_way: dict[str, asyncio.Future[Sequence[str]]] = {}

    async def resolve(self, host: str) -> Sequence[str]:
        """Every address of the name, in the resolver's order; raises OSError when it has none."""
        if _is_address(host):
            return [host]
        lookup = self._under_way.get(host)
        if lookup is None:
            lookup = asyncio.get_running_loop().run_in_executor(self._threads, _lookup, host)
            self._under_way[host] = lookup
            lookup.add_done_callback(lambda _: self._under_way.pop(host, None))
        # Whoever gives up must not take the answer away from the others.
        return await asyncio.shield(lookup)

    def close(self) -> None:
        """Wait for no lookup that is still under way."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _lookup(host: str) -> Sequence[str]:
    addresses = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in addresses))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
