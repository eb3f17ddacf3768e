"""Connections to addresses that somebody else names: each is judged at each dial, by name and by number."""

import socket
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from shared.kernel.addresses import Egress


class GuardedResolver(AbstractResolver):
    """Resolves a name; refuses it when any of its addresses is one that must not be dialled."""

    def __init__(self, egress: Egress, resolver: AbstractResolver | None = None) -> None:
        self._egress = egress
        self._resolver = resolver or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = await self._resolver.resolve(host, port, family)
        for address in addresses:
            self._egress.require(address["host"])
        return addresses

    async def close(self) -> None:
        await self._resolver.close()


def connector(egress: Egress, resolver: AbstractResolver | None, **options: Any) -> aiohttp.TCPConnector:
    """A connector that dials what `egress` allows; raises AddressBlocked, by way of aiohttp's errors."""

    def open_socket(address_info: Any) -> socket.socket:
        family, type_, protocol, _, address = address_info
        # The last gate: also literal addresses, which no resolver sees, pass here at each dial.
        egress.require(address[0])
        return socket.socket(family, type_, protocol)

    guard = GuardedResolver(egress, resolver)
    return aiohttp.TCPConnector(resolver=guard, socket_factory=open_socket, **options)
