"""Lists of this dialect: a limit of at most 100, an offset or a cursor."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from services.gateway.dialects.common.dialect import Answer, Call, Parameter, Reply
from services.gateway.dialects.common.fields import skip

T = TypeVar("T")
MAX_LIMIT = 100
MAX_OFFSET = 1_000_000


class Meta(BaseModel):
    """Which part of the list this is; `next_cursor` continues it, whatever was added meanwhile."""

    limit: int
    offset: int
    next_cursor: str | None


class InvoiceMeta(Meta):
    """The same for invoices, with the statuses that were asked for."""

    status: list[str] = Field([], description="Only where the list is filtered.")


class Page(BaseModel, Generic[T]):
    """A list, newest first."""

    data: list[T]
    meta: Meta


class InvoicePage(BaseModel, Generic[T]):
    """A list of invoices, newest first."""

    data: list[T]
    meta: InvoiceMeta


PART = (
    Parameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": MAX_LIMIT}, "At most."
    ),
    Parameter(
        "offset", {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0}, "Skip so many."
    ),
    Parameter("cursor", {"type": "string"}, "Go on where the page with this `next_cursor` ended."),
)


def part_of_list(call: Call) -> list[tuple[str, str | int]]:
    """Our query parameters for the part of a list that is asked for."""
    limit, cursor = ("limit", _limit(call)), call.one("cursor")
    return [limit, ("offset", _offset(call)), ("cursor", cursor)] if cursor else [limit, skip(_offset(call))]


def page(call: Call, ours: Answer, items: Sequence[BaseModel], **more: list[str]) -> Reply:
    """Their list of these items; `more` goes into its meta."""
    meta = {
        "limit": _limit(call),
        "offset": _offset(call),
        "next_cursor": ours.body["meta"]["next_cursor"],
        **more,
    }
    return Reply(200, {"data": [item.model_dump() for item in items], "meta": meta})


def _limit(call: Call) -> int:
    return call.one_number("limit", MAX_LIMIT, 1, MAX_LIMIT)


def _offset(call: Call) -> int:
    return call.one_number("offset", 0, 0, MAX_OFFSET)
