"""From which address a request comes: the connection's, or what a proxy that we trust says of it."""

import ipaddress
from collections.abc import Mapping, Sequence
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
UNKNOWN = "unknown"
_SHARED_BITS = 64


class Addresses:
    """Knows the proxies in front of us; what anybody else says in X-Forwarded-For counts for nothing."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)

    def is_trusted(self, peer: str) -> bool:
        """Whether the connection comes from a proxy of ours."""
        return bool(self._trusted) and _is_within(peer, self._trusted)

    def of(self, peer: str, headers: Mapping[bytes, bytes]) -> str:
        """The address to count by: the last one in the chain that is no proxy of ours."""
        if not self.is_trusted(peer):
            return grouped(peer)
        chain = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
        for hop in reversed([hop.strip() for hop in chain if hop.strip()]):
            if not _is_within(hop, self._trusted):
                return grouped(hop)
        return grouped(peer)


@lru_cache(maxsize=4096)
def grouped(address: str) -> str:
    """An IPv4 address itself; of an IPv6 address the network that one customer has, 64 bits."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return UNKNOWN
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((int(found) >> _SHARED_BITS << _SHARED_BITS, _SHARED_BITS)))
    return str(found)


@lru_cache(maxsize=4096)
def _is_within(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in networks)
