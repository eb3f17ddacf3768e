"""Headers that an endpoint adds to its deliveries."""

import re
from collections.abc import Collection, Mapping

from shared.kernel.errors import FieldError, Invalid

HIDDEN = "(hidden)"
"""What is shown in place of a value; given for a header that is there, it means the value that it has."""
MAX_HEADERS = 20
MAX_VALUE_LENGTH = 1_000
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
# Printable ASCII with blanks inside: no CR or LF can end the header and begin another (RFC 9110 5.5).
_VALUE = re.compile(r"[!-~]([ \t!-~]*[!-~])?")
# What frames the message, names the host or belongs to one connection (RFC 9110 7.6.1) is not theirs.
_OURS = frozenset(
    """accept-encoding connection content-encoding content-length content-type expect host keep-alive
    proxy-authenticate proxy-authorization te traceparent trailer transfer-encoding upgrade
    user-agent""".split()
)


class InvalidHeaders(Invalid):
    """A header's name or value cannot be sent."""

    code = "invalid_headers"


def hide_values(headers: Mapping[str, str]) -> dict[str, str]:
    """The names, each with nothing of its value."""
    return dict.fromkeys(headers, HIDDEN)


def check_headers(headers: Mapping[str, str], stored: Collection[str] = ()) -> dict[str, str]:
    """The headers as they are; raises InvalidHeaders naming each that cannot be sent.

    `stored` are the names that have a value already, which "(hidden)" keeps.
    """
    if len(headers) > MAX_HEADERS:
        raise InvalidHeaders(f"At most {MAX_HEADERS} headers.", field="headers")
    faults = [
        FieldError(f"/headers/{name.replace('~', '~0').replace('/', '~1')}", fault)
        for name, value in headers.items()
        if (fault := _fault(name, value) or _missing(name, value, stored))
    ]
    if faults:
        raise InvalidHeaders(errors=tuple(faults))
    if len({name.lower() for name in headers}) < len(headers):
        raise InvalidHeaders("A header stands there twice.", field="headers")
    return dict(headers)


def _fault(name: str, value: str) -> str | None:
    if not _NAME.fullmatch(name):
        return "not a header's name"
    if name.lower() in _OURS or name.lower().startswith("webhook-"):
        return "this header is set by the delivery itself"
    if len(value) > MAX_VALUE_LENGTH or not _VALUE.fullmatch(value):
        return f"a value has 1 to {MAX_VALUE_LENGTH} printable ASCII characters"
    return None


def _missing(name: str, value: str, stored: Collection[str]) -> str | None:
    if value == HIDDEN and name not in stored:
        return f"{HIDDEN} stands for a value that is stored, and this header has none"
    return None
