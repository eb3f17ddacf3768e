"""How this dialect tells of a problem: RFC 9457 with JSON-LD's keywords, and violations by property path."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.dialects.common.dialect import Reply
from services.gateway.dialects.common.problems import CODES, is_retold, place, sentence

MEDIA = "application/problem+json"


class Violation(BaseModel):
    """One property, and what is wrong with it."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    property_path: str = Field(alias="propertyPath")
    message: str


class Error(BaseModel):
    """What went wrong."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    kind: str = Field(alias="@type")
    type: str
    title: str
    status: int
    detail: str
    description: str
    code: str
    reason: str
    violations: list[Violation]
    request_id: str | None = Field(alias="requestId")


def to_reply(status: int, problem: Mapping[str, Any]) -> Reply:
    """Their error for a problem of ours (RFC 9457's members)."""
    said = sentence(problem, str)
    violations = [
        Violation(property_path=place(one["pointer"]), message=said if is_retold(problem) else one["message"])
        for one in problem.get("errors", [])
    ]
    error = Error(
        kind="ConstraintViolation" if violations else "Error",
        type=f"/errors/{status}",
        title="An error occurred",
        status=status,
        detail=said,
        description=said,
        code=CODES.get(status, "server_error"),
        reason=problem.get("code", "error"),
        violations=violations,
        request_id=problem.get("request_id"),
    )
    return Reply(status, error.model_dump(by_alias=True), {"content-type": MEDIA})
