"""Which URLs an endpoint may have; the address behind a host name is judged at each dial, not here."""

import re
from typing import NoReturn
from urllib.parse import urlsplit

from shared.kernel.addresses import Egress
from shared.kernel.errors import Invalid

MAX_LENGTH = 2_048
# So strict that no two URL parsers can read a host differently.
_CHARACTERS = re.compile(r"[!#-;=?-\[\]_a-z~]+", re.IGNORECASE)
_NAME = re.compile(
    r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\.([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?))*\.?"
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PRIVILEGED_PORTS = 1024


class InvalidUrl(Invalid):
    """The URL cannot be an endpoint."""

    code = "invalid_url"


def check(url: str, egress: Egress) -> None:
    """Raise InvalidUrl, saying why, unless deliveries could go there."""
    if len(url) > MAX_LENGTH or not _CHARACTERS.fullmatch(url):
        _refuse(f"It must have 1 to {MAX_LENGTH} characters of a URL (host names in their ASCII form).")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        _refuse(f"It cannot be read: {error}.")
    if parts.scheme not in (("https", "http") if egress.allows_http else ("https",)):
        _refuse("It must begin with https://.")
    if "@" in parts.netloc or "#" in url:
        _refuse("It must have no user, password or fragment.")
    if port is not None and port not in (80, 443) and port < _PRIVILEGED_PORTS:
        _refuse("Its port must be 443, 80, or 1024 and above.")
    _check_host(host or "", egress)


def _check_host(host: str, egress: Egress) -> None:
    is_literal = ":" in host or _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2])
    if not is_literal:
        if not _NAME.fullmatch(host):
            _refuse("It has no valid host name.")
        return
    try:
        refusal = egress.refusal(host)
    except ValueError:
        # Resolvers read 0x7f.1 and 2130706433 as addresses too.
        _refuse("It has a host that looks like an address but is none.")
    if refusal:
        _refuse(f"Deliveries must not go to its address ({refusal}).")


def _refuse(reason: str) -> NoReturn:
    raise InvalidUrl(f"The URL cannot be an endpoint. {reason}", field="url")
