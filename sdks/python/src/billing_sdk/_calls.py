"""What is sent: an operation with its values becomes a request, the same for every attempt."""

from __future__ import annotations

import datetime
import decimal
import json
import os
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from billing_sdk._models import Model
from billing_sdk._version import VERSION

OPTIONS = frozenset({"idempotency_key", "timeout", "max_retries", "extra_headers"})
"""What every method takes besides the operation's own."""
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API."""

    name: str
    method: str
    path: str
    """With `{}` for each id."""
    query: frozenset[str] = frozenset()
    """Of what it takes, what goes into the query; the rest is the body."""
    takes_body: bool = False
    is_idempotent: bool = False
    """Whether the server does it once for one Idempotency-Key."""
    accept: str = _JSON
    pages_by_offset: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A request that is ready, and how it may be repeated."""

    method: str
    target: str
    """Path and query, encoded."""
    headers: Mapping[str, str]
    body: bytes | None
    timeout: float
    max_retries: int
    is_repeatable: bool
    """Whether an attempt that the server may have acted on can be made again."""
    idempotency_key: str | None
    log_path: str = field(default="")


def prepare(
    operation: Operation,
    ids: Iterable[object],
    given: Mapping[str, object],
    *,
    timeout: float,
    max_retries: int,
) -> Call:
    """The request of this operation; raises ValueError or TypeError for values that no request can have."""
    # A field that is a word of Python is given with an underscore behind it: `from_`.
    values = {name.removesuffix("_"): value for name, value in given.items()}
    own: dict[str, object] = {name: values.pop(name, None) for name in OPTIONS}
    headers = _headers(operation, values)
    key = own["idempotency_key"]
    if key is None and operation.method == "POST" and operation.is_idempotent:
        # Minted once, outside the attempts: that is what makes repeating harmless.
        key = str(new_key())
    if key is not None:
        headers["Idempotency-Key"] = str(key)
    query = {name: values.pop(name) for name in list(values) if name in operation.query}
    body = _body(operation, values, headers)
    extra = own["extra_headers"]
    if isinstance(extra, Mapping):
        headers.update({str(name): str(value) for name, value in extra.items()})
    path = operation.path.format(*(_segment(operation, each) for each in ids))
    is_safe = operation.method == "GET" or (operation.method == "POST" and operation.is_idempotent)
    return Call(
        method=operation.method,
        target=f"{path}?{encoded}" if (encoded := _query(query)) else path,
        headers=headers,
        body=body,
        timeout=_number(own["timeout"], timeout),
        max_retries=int(_number(own["max_retries"], max_retries)),
        is_repeatable=is_safe or "If-Match" in headers,
        idempotency_key=str(key) if key is not None else None,
        log_path=path,
    )


def new_key() -> uuid.UUID:
    """A UUIDv7: keys that are made one after another lie beside each other in the server's index."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


def _headers(operation: Operation, values: dict[str, object]) -> dict[str, str]:
    headers = {
        "Accept": operation.accept,
        "Billing-SDK": f"python/{VERSION}",
        "User-Agent": f"billing-sdk-python/{VERSION}",
    }
    version = values.pop("if_match", None)
    if version is not None:
        headers["If-Match"] = str(version) if str(version).startswith(('"', "W/", "*")) else f'"{version}"'
    wait = values.pop("prefer_wait", None)
    if wait is not None:
        headers["Prefer"] = f"wait={wait}"
    return headers


def _body(operation: Operation, values: dict[str, object], headers: dict[str, str]) -> bytes | None:
    if "content" in values and not operation.takes_body:
        content = values.pop("content")
        headers["Content-Type"] = str(values.pop("content_type"))
        if not isinstance(content, bytes):
            raise TypeError("content must be bytes")
        return content
    if not operation.takes_body:
        if values:
            raise TypeError(f"{operation.name} takes no {', '.join(sorted(values))}")
        return None
    if not values and operation.method == "POST":
        return None
    headers["Content-Type"] = _JSON
    return encode(values)


def encode(value: object) -> bytes:
    """JSON of what callers give: dates, ids and Decimals as text; raises TypeError for a float."""
    return json.dumps(_plain(value, ""), ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: object, place: str) -> object:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        raise TypeError(f"{place or 'a value'} is a float, whose digits are not its own; give a str or a Decimal")
    if isinstance(value, Model):
        value = value.to_dict()
    if isinstance(value, Mapping):
        return {str(name): _plain(part, f"{place}.{name}".lstrip(".")) for name, part in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [_plain(part, f"{place}[{index}]") for index, part in enumerate(value)]
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise ValueError("a datetime needs a time zone")
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is no number")
        return f"{value:f}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str | int | uuid.UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _segment(operation: Operation, value: object) -> str:
    text = _text(value)
    if not text or text in (".", ".."):
        raise ValueError(f"{operation.name}: {text!r} is no id")
    return quote(text, safe="")


def _query(values: Mapping[str, object]) -> str:
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        if value is None:
            continue
        many = [value] if isinstance(value, str | bytes) or not isinstance(value, Iterable) else value
        pairs += [(name, _text(one)) for one in many]
    return urlencode(pairs)


def _number(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) else otherwise
