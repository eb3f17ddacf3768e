"""How most dialects tell of a problem: a sentence, a code and the fields, with the status of ours."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from services.gateway.dialects.common.dialect import Reply

CODES: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.PRECONDITION_FAILED: "precondition_failed",
    HTTPStatus.REQUEST_TIMEOUT: "request_timeout",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "payload_too_large",
    HTTPStatus.REQUEST_URI_TOO_LONG: "address_too_long",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.UNPROCESSABLE_ENTITY: "validation_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limited",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "headers_too_large",
    HTTPStatus.SERVICE_UNAVAILABLE: "service_unavailable",
    HTTPStatus.GATEWAY_TIMEOUT: "gateway_timeout",
}
"""Every code of ours has one of these statuses; which of ours it was stands in `reason`."""

# Its sentence names statuses of ours, which nobody here knows.
_ILLEGAL_MOVE = "illegal_move"
# Their sentences name fields of requests of ours.
_SENTENCES = {
    "recipient_missing": "There is no address or number to send it to over this channel: add it first.",
    "recipient_refused": "This address or number refused what was sent there before: correct it first.",
}


class ErrorDetail(BaseModel):
    """One field, and what is wrong with it."""

    field: str
    message: str


class Error(BaseModel):
    """What went wrong."""

    error: str
    code: str
    reason: str
    details: list[ErrorDetail]
    request_id: str | None


def telling(status_word: Callable[[str], str]) -> Callable[[int, Mapping[str, Any]], Reply]:
    """How a dialect tells of a problem of ours (RFC 9457's members); it names statuses by its own words."""

    def to_reply(status: int, problem: Mapping[str, Any]) -> Reply:
        said = sentence(problem, status_word)
        error = Error(
            error=said,
            code=CODES.get(status, "server_error"),
            reason=problem.get("code", "error"),
            details=[
                ErrorDetail(
                    field=place(one["pointer"]), message=said if is_retold(problem) else one["message"]
                )
                for one in problem.get("errors", [])
            ],
            request_id=problem.get("request_id"),
        )
        return Reply(status, error.model_dump())

    return to_reply


def is_retold(problem: Mapping[str, Any]) -> bool:
    """Whether the dialects have a sentence of their own for it, which then stands at the fields too."""
    return problem.get("code") == _ILLEGAL_MOVE or problem.get("code") in _SENTENCES


def sentence(problem: Mapping[str, Any], status_word: Callable[[str], str]) -> str:
    """What went wrong, in a sentence."""
    if problem.get("code") == _ILLEGAL_MOVE and "status_now" in problem:
        return f"The status is {status_word(problem['status_now'])}: it does not become that."
    if known := _SENTENCES.get(problem.get("code", "")):
        return known
    detail = problem.get("detail") or problem.get("title") or "Something went wrong."
    return str(detail)


def place(pointer: str) -> str:
    """`/lines/0/quantity` as `lines[0].quantity`."""
    shown = ""
    for segment in pointer.strip("/").split("/"):
        shown += f"[{segment}]" if segment.isdecimal() and shown else f".{segment}" if shown else segment
    return shown
