"""Lists of this dialect: 25 a page."""

from collections.abc import Sequence
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

from services.gateway.dialects.common.dialect import Answer, Call, Parameter, Reply
from services.gateway.dialects.common.fields import skip

T = TypeVar("T")
PER_PAGE = 25
MAX_PAGE = 40_000
Locale = Literal["fr", "en", "nb", "sv"]
Currency = Literal["EUR", "USD", "GBP", "NOK", "SEK", "DKK"]


class Meta(BaseModel):
    """Which page this is, and how many there are in all."""

    page: int
    per_page: int
    total: int


class Page(BaseModel, Generic[T]):
    """A page of a list, newest first."""

    data: list[T]
    meta: Meta


PAGE = Parameter(
    "page", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 1}, f"{PER_PAGE} a page."
)


def part_of_list(call: Call) -> list[tuple[str, str | int]]:
    """Our query parameters for the page that is asked for."""
    return [("limit", PER_PAGE), skip((_page(call) - 1) * PER_PAGE), ("include", "exact_total")]


def page(call: Call, ours: Answer, items: Sequence[BaseModel]) -> Reply:
    """Their page of these items."""
    meta = {"page": _page(call), "per_page": PER_PAGE, "total": ours.body["meta"]["total"]}
    return Reply(200, {"data": [item.model_dump() for item in items], "meta": meta})


def _page(call: Call) -> int:
    return call.one_number("page", 1, 1, MAX_PAGE)
