"""How a client reaches the API, and as whom; what is secret shows itself nowhere."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar, Union
from urllib.parse import urlsplit

KEY_VARIABLE, URL_VARIABLE = "BILLING_API_KEY", "BILLING_BASE_URL"
TIMEOUT_SECONDS = 30.0
MAX_RETRIES = 2
RETRY_BASE_SECONDS = 0.5
Token = Union[str, Callable[[], str]]
AsyncToken = Union[str, Callable[[], Union[str, Awaitable[str]]]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Secret(Generic[T]):
    """A value that no repr, log or message shows."""

    value: T = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """What all calls of a client have in common."""

    base_url: str
    credential: Secret[object]
    workspace: str | None
    timeout: float
    max_retries: int
    retry_base: float

    @classmethod
    def of(
        cls,
        api_key: str | None,
        token: object | None,
        base_url: str | None,
        workspace: str | None,
        timeout: float,
        max_retries: int,
        retry_base: float,
    ) -> Settings:
        """The settings that were given, or those of the environment; raises ValueError for what lacks."""
        if api_key is not None and token is not None:
            raise ValueError("give api_key or token, not both")
        credential = token if token is not None else api_key or os.environ.get(KEY_VARIABLE)
        if not credential:
            raise ValueError(f"give api_key or token, or set {KEY_VARIABLE}")
        return cls(
            _checked_url(base_url or os.environ.get(URL_VARIABLE) or ""),
            Secret(credential),
            workspace,
            _positive("timeout", timeout),
            int(_positive("max_retries", max_retries, least=0)),
            _positive("retry_base", retry_base, least=0),
        )


def authorization(credential: object) -> dict[str, str]:
    """The header that shows a credential; raises ValueError for one that cannot stand in a header."""
    if not isinstance(credential, str) or not credential.isascii() or not credential.isprintable():
        # Without the value: it would stand in logs.
        raise ValueError("the credential is no printable ASCII text")
    return {"Authorization": f"Bearer {credential}"}


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"base_url must be the platform's address, such as https://billing.example, not {url!r}")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("base_url has no query, fragment or credentials")
    return url.rstrip("/")


def _positive(name: str, value: float, least: float | None = None) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number")
    if value != value or (value <= 0 if least is None else value < least):
        raise ValueError(f"{name} must be {'above 0' if least is None else f'at least {least}'}")
    return value
