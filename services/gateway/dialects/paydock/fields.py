"""Lists of this dialect: a limit and an offset, and how long the whole list is."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel

from services.gateway.dialects.common.dialect import Answer, Call, Parameter, Reply
from services.gateway.dialects.common.fields import skip

T = TypeVar("T")
DEFAULT_LIMIT = 100
MAX_LIMIT = 500
MAX_OFFSET = 1_000_000


class Meta(BaseModel):
    """Which part of the list this is."""

    limit: int
    offset: int
    total: int | None


class Page(BaseModel, Generic[T]):
    """A list."""

    data: list[T]
    meta: Meta


LIMIT = Parameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    "Maximum results.",
)
OFFSET = Parameter(
    "offset",
    {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0},
    "Skip the first N results.",
)
CONTACT_ID = Parameter("contact_id", {"type": "string", "format": "uuid"}, "Filter by customer.")


def status_parameter(words: Sequence[str]) -> Parameter:
    """The filter by status, with its words."""
    return Parameter("status", {"type": "string", "enum": list(words)}, "Filter by status.")


def part_of_list(call: Call) -> list[tuple[str, str | int]]:
    """Our query parameters for the part of a list that is asked for."""
    return [
        ("limit", call.one_number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)),
        skip(call.one_number("offset", 0, 0, MAX_OFFSET)),
        ("include", "exact_total"),
    ]


def page(call: Call, ours: Answer, items: Sequence[BaseModel]) -> Reply:
    """Their list of these items, with what our reply says of its length."""
    meta = {
        "limit": call.one_number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
        "offset": call.one_number("offset", 0, 0, MAX_OFFSET),
        "total": ours.body["meta"].get("total"),
    }
    return Reply(200, {"data": [item.model_dump() for item in items], "meta": meta})
