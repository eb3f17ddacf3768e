"""Which addresses a workspace may have us dial: those of the public internet, and what the operator allows.

The tables are IANA's special-purpose registries (RFC 6890 and its successors) and the metadata addresses
of cloud providers. `ipaddress.is_global` is not enough: it does not look into addresses that carry another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_DENIED_V4 = {
    IPv4Network(network): reason
    for network, reason in {
        "0.0.0.0/8": "this_network",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "carrier_grade_nat",
        "127.0.0.0/8": "loopback",
        "168.63.129.16/32": "metadata",
        "169.254.0.0/16": "link_local",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "protocol_assignment",
        "192.0.2.0/24": "documentation",
        "192.88.99.0/24": "six_to_four",
        "192.168.0.0/16": "private",
        "198.18.0.0/15": "benchmarking",
        "198.51.100.0/24": "documentation",
        "203.0.113.0/24": "documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
    }.items()
}
# Inside 2000::/3, the only IPv6 space in public use; everything outside it is denied as a whole.
_DENIED_V6 = {
    IPv6Network(network): reason
    for network, reason in {
        "2001::/32": "teredo",
        "2001::/23": "protocol_assignment",
        "2001:db8::/32": "documentation",
        "2002::/16": "six_to_four",
        "3fff::/20": "documentation",
    }.items()
}
_OUTSIDE_V6 = {
    IPv6Network(network): reason
    for network, reason in {
        "::/128": "this_network",
        "::1/128": "loopback",
        "64:ff9b:1::/48": "local_nat64",
        "fc00::/7": "private",
        "fe80::/10": "link_local",
        "ff00::/8": "multicast",
    }.items()
}
_PUBLIC_V6 = IPv6Network("2000::/3")
# Their last 32 bits are the IPv4 address that is meant: mapped, compatible (RFC 4291), NAT64 (RFC 6052).
_CARRIERS = (IPv6Network("::ffff:0:0/96"), IPv6Network("::/96"), IPv6Network("64:ff9b::/96"))


class AddressBlocked(OSError):
    """The address is not one that may be dialled for a workspace; its argument is the reason in one word."""


@dataclass(frozen=True, slots=True)
class Egress:
    """Where connections that a workspace asks for may go."""

    allowed: tuple[Network, ...] = ()
    allows_http: bool = False

    def refusal(self, text: str) -> str | None:
        """Why the address must not be dialled, in one word; None when it may."""
        address = carried(ip_address(text.partition("%")[0]))
        if any(address in network for network in self.allowed if network.version == address.version):
            return None
        return _denial(address)

    def require(self, text: str) -> None:
        """Raise AddressBlocked when the address must not be dialled."""
        if reason := self.refusal(text):
            raise AddressBlocked(reason)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks in CIDR form; raises ValueError."""
    return tuple(ip_network(text.strip()) for text in texts if text.strip())


def carried(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only carries it; any other as it is."""
    if address.version == 4 or address == IPv6Address("::1"):
        return address
    is_carrier = any(address in network for network in _CARRIERS)
    return IPv4Address(int(address) & 0xFFFFFFFF) if is_carrier else address


def _denial(address: Address) -> str | None:
    if isinstance(address, IPv4Address):
        return _reason(_DENIED_V4, address)
    if address in _PUBLIC_V6:
        return _reason(_DENIED_V6, address)
    return _reason(_OUTSIDE_V6, address) or "not_public"


def _reason(table: Mapping[IPv4Network, str] | Mapping[IPv6Network, str], address: Address) -> str | None:
    return next((reason for network, reason in table.items() if address in network), None)
