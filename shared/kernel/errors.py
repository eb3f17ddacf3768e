"""Every error a caller can be told of: a class has a code and a status; its docstring is the message."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, NoReturn


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in the input: `pointer` is a JSON pointer (RFC 6901) into the body, or a parameter's name.

    `code` tells kinds of faults apart where one answer has several.
    """

    pointer: str
    message: str
    code: str | None = None


class BillingError(Exception):
    """Something went wrong that the caller can be told of."""

    code: ClassVar[str] = "error"
    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(
        self,
        detail: str | None = None,
        *,
        field: str | None = None,
        errors: tuple[FieldError, ...] = (),
        retry_after_seconds: int | None = None,
        **facts: object,
    ) -> None:
        self.detail = detail or (type(self).__doc__ or "").split("\n")[0]
        self.errors = errors or (() if field is None else (FieldError(_pointer(field), self.detail),))
        self.retry_after_seconds = retry_after_seconds
        self.facts: dict[str, Any] = facts
        super().__init__(self.detail)


def _pointer(field: str) -> str:
    # The empty pointer is the whole body; "/" would be a field without a name.
    return "/" + field.strip("/").replace(".", "/") if field else ""


class BadRequest(BillingError):
    """The request cannot be read."""

    code = "bad_request"
    status = HTTPStatus.BAD_REQUEST


class Unauthorized(BillingError):
    """The credential is missing, unknown, expired or revoked."""

    code = "unauthorized"
    status = HTTPStatus.UNAUTHORIZED


class Forbidden(BillingError):
    """The credential does not allow this."""

    code = "forbidden"
    status = HTTPStatus.FORBIDDEN


class NotFound(BillingError):
    """There is no such resource in this workspace."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND


class NoSuchRoute(NotFound):
    """The API has no such route."""

    code = "no_such_route"


class Conflict(BillingError):
    """The resource's state does not allow this."""

    code = "conflict"
    status = HTTPStatus.CONFLICT


class PreconditionFailed(BillingError):
    """The resource has changed since the version that was named."""

    code = "precondition_failed"
    status = HTTPStatus.PRECONDITION_FAILED


class TooLarge(BillingError):
    """The body is larger than allowed."""

    code = "body_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class Invalid(BillingError):
    """The input does not pass validation."""

    code = "invalid"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class Unavailable(BillingError):
    """A part of the platform does not answer; try again."""

    code = "unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class IllegalMove(Conflict):
    """The resource's status does not allow this."""

    code = "illegal_move"


@contextmanager
def naming(field: str) -> Iterator[None]:
    """Let a NotFound within say which field of the body names what is not there."""
    try:
        yield
    except NotFound as error:
        raise NotFound(error.detail, field=field, **error.facts) from error


def raise_not_found(resource: str, key: object) -> NoReturn:
    """Raise NotFound naming the resource and the key that was asked for."""
    raise NotFound(f"There is no {resource} {key} in this workspace.", resource=resource)
