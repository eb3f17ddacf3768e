"""Every error leaves as RFC 9457 `application/problem+json`."""

import json
from collections.abc import Sequence
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from shared.kernel import context
from shared.kernel.errors import BadRequest, BillingError, FieldError, Invalid, NoSuchRoute, TooLarge
from shared.kernel.json import JsonMapping, JsonObject

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 100
"""How many faults of one request are told; whoever mends them is told of the next."""


def problem(error: BillingError) -> JsonObject:
    """The error as RFC 9457's members, with our `code`, `errors` and `request_id`."""
    return {
        "type": f"urn:billing:error:{error.code}",
        "title": (type(error).__doc__ or "").split("\n")[0],
        "status": int(error.status),
        "detail": error.detail,
        "code": error.code,
        "errors": [_fault(fault) for fault in error.errors[:MAX_ERRORS]],
        "request_id": context.request_id.get(),
        **error.facts,
    }


def _fault(fault: FieldError) -> dict[str, str]:
    told = {"pointer": fault.pointer, "message": fault.message}
    return told | {"code": fault.code} if fault.code else told


def reply(error: BillingError) -> Response:
    """The error as an HTTP reply."""
    headers = {}
    if error.retry_after_seconds is not None:
        headers["retry-after"] = str(error.retry_after_seconds)
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    body = json.dumps(problem(error), default=str, ensure_ascii=False).encode()
    return Response(body, int(error.status), headers, MEDIA_TYPE)


def from_validation(faults: Sequence[JsonMapping]) -> Invalid:
    """Pydantic's faults as one Invalid that names every field by a JSON pointer.

    A body that several dependencies read has each fault as often, and is told of it once.
    """
    fields = (FieldError(_pointer(fault["loc"]), fault["msg"]) for fault in faults[: 2 * MAX_ERRORS])
    errors = tuple(dict.fromkeys(fields))[:MAX_ERRORS]
    more = f"{len(faults)} fields cannot be taken; these are the first {MAX_ERRORS}."
    return Invalid(more if len(faults) > MAX_ERRORS else None, errors=errors)


def from_status(status: int, detail: str | None) -> BillingError:
    """The error of ours that fits a bare HTTP status of the framework."""
    error_class = {413: TooLarge, 400: BadRequest}.get(status)
    if error_class:
        return error_class(detail)
    error = BillingError(detail)
    error.status = HTTPStatus(status)  # type: ignore[misc]
    error.code = HTTPStatus(status).phrase.lower().replace(" ", "_")  # type: ignore[misc]
    return error


def no_such_route(request: Request) -> NoSuchRoute:
    """What is said of a path that no route has."""
    return NoSuchRoute(f"There is no route {request.method} {request.url.path[:200]}.")


def unforeseen(error: Exception) -> BillingError:
    """What a caller is told of an error that nobody foresaw; it is logged here."""
    if isinstance(error, BillingError):
        return error
    log.error("request.failed", error=repr(error), exc_info=error)
    return BillingError("Something went wrong on our side; it has been logged.")


def install(app: FastAPI) -> None:
    """Answer every error of this app as a problem."""

    async def on_billing_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, BillingError)
        return reply(error)

    async def on_validation_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return reply(from_validation(error.errors()))

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == HTTPStatus.NOT_FOUND:
            return reply(no_such_route(request))
        return reply(from_status(error.status_code, error.detail))

    app.add_exception_handler(BillingError, on_billing_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(HTTPException, on_http_error)


def _pointer(location: Sequence[int | str]) -> str:
    where, *path = location
    if where in ("query", "path", "header", "cookie"):
        return str(path[0]) if path else str(where)
    return "".join(f"/{part}" for part in path)
