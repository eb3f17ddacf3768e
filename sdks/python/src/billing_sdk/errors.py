"""What goes wrong: one class for each thing that a caller may want to tell apart.

Codes of the API have classes of their own (`InvoiceHasNoLines`), below the class of their status (`Conflict`); a code
that this version does not know has that one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from billing_sdk._generated.problems import *  # noqa: F403


class FieldFault(NamedTuple):
    """What is wrong with one field: a JSON pointer into the body or a parameter's name, and a sentence."""

    pointer: str
    message: str


class BillingError(Exception):
    """Anything that this SDK raises of its own."""

    idempotency_key: str | None = None
    """The key that was sent: asked again with it, the server does it once."""


class ConnectionFailed(BillingError):
    """There was no answer: the server was not reached, or the connection broke."""


class TimedOut(BillingError):
    """The server did not answer in time."""


class PoolTimedOut(BillingError):
    """All connections of this client were in use for as long as a call may take; the server was not asked."""


class BadReply(BillingError):
    """What answered does not speak this API: the reply cannot be read."""


class ApiError(BillingError):
    """The API said no."""

    status: int
    code: str
    detail: str
    errors: tuple[FieldFault, ...]
    request_id: str | None
    """Names the request to whoever runs the platform."""
    retry_after: float | None
    body: Mapping[str, Any]
    """All that the problem (RFC 9457) says."""

    def __init__(self, status: int, headers: Mapping[str, str], body: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(body.get("code") or "")
        self.detail = str(body.get("detail") or body.get("title") or f"The server answered {status}.")
        self.errors = tuple(
            FieldFault(str(fault.get("pointer", "")), str(fault.get("message", "")))
            for fault in body.get("errors") or ()
            if isinstance(fault, Mapping)
        )
        self.request_id = body.get("request_id") or headers.get("x-request-id")
        after = headers.get("retry-after", "")
        self.retry_after = float(after) if after.isdigit() else None
        self.body = body
        super().__init__(self.detail)

    def __str__(self) -> str:
        faults = "".join(f"; {fault.pointer}: {fault.message}" for fault in self.errors[:5])
        return f"{self.detail}{faults} (request {self.request_id})" if self.request_id else f"{self.detail}{faults}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.status, self.request_id, dict(self.body), self.idempotency_key)


class BadRequest(ApiError):
    """400: the request cannot be read."""


class Unauthorized(ApiError):
    """401: there is no valid credential."""


class Forbidden(ApiError):
    """403: the credential lacks a scope."""


class NotFound(ApiError):
    """404: there is no such thing in this workspace."""


class Conflict(ApiError):
    """409: it cannot be done as things stand now."""


class PreconditionFailed(ApiError):
    """412: it was changed since; `if_match` names another version."""


class Invalid(ApiError):
    """422: fields are wrong; `errors` names each."""


class RateLimited(ApiError):
    """429: too many requests; `retry_after` says when to come back."""


class ServerError(ApiError):
    """500 and above: something went wrong on the platform's side."""


class Unavailable(ServerError):
    """502, 503, 504: not now."""


BY_STATUS: Mapping[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: PreconditionFailed,
    422: Invalid,
    429: RateLimited,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


class WebhookRefused(BillingError):
    """A webhook that is not believed; the subclass says why."""


class MissingHeader(WebhookRefused):
    """A header of Standard Webhooks is not there."""


class WrongTimestamp(WebhookRefused):
    """It was signed too long ago, or in the future."""


class WrongSignature(WebhookRefused):
    """None of its signatures is by a secret that is known here."""


def of_answer(
    status: int, headers: Mapping[str, str], content: bytes, *, idempotency_key: str | None = None
) -> ApiError:
    """The error that an answer is, of the class of its code or else of its status."""
    body = _problem(content)
    otherwise = BY_STATUS.get(status, ServerError if status >= 500 else ApiError)
    found = _of_code(str(body.get("code") or ""))
    error = (found if found and issubclass(found, otherwise) else otherwise)(status, headers, body)
    error.idempotency_key = idempotency_key
    return error


def code_of(content: bytes) -> str:
    """The code of a problem; empty where there is none."""
    return str(_problem(content).get("code") or "")


def _problem(content: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _of_code(code: str) -> type[ApiError] | None:
    from billing_sdk._generated import problems

    return problems.BY_CODE.get(code)


def _rebuild(
    kind: type[ApiError], status: int, request_id: str | None, body: dict[str, Any], key: str | None
) -> ApiError:
    error = kind(status, {"x-request-id": request_id} if request_id else {}, body)
    error.idempotency_key = key
    return error


def __getattr__(name: str) -> Any:
    from billing_sdk._generated import problems

    try:
        return getattr(problems, name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
