"""Lists: cursors that stay right under inserts, offsets for those who must."""

from collections.abc import Callable
from operator import attrgetter
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from shared.http import client_schemas
from shared.kernel.cursors import MAX_OFFSET, decode_place, encode_cursor
from shared.kernel.errors import Invalid
from shared.postgres.listing import Found, Total, Window

T = TypeVar("T")
R = TypeVar("R")
MAX_LIMIT = 500
_TOTALS = {None: Total.NONE, "total": Total.ESTIMATED, "exact_total": Total.EXACT}
_TOTAL = (
    "`total`: how long the list is, estimated above 100,000 (of a search above 2,000), which "
    "`total_is_estimate` says; `exact_total`: every row counted, which takes longer the longer it is."
)


class Meta(BaseModel):
    """Where this page stands."""

    limit: int
    next_cursor: str | None = None
    total: int | None = None
    total_is_estimate: bool | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="Whether `total` is estimated; left out where no total was asked for.",
        json_schema_extra=client_schemas.NOT_ALWAYS,
    )


class Page(BaseModel, Generic[T]):
    """One page of a list, newest first."""

    data: list[T]
    meta: Meta


class Slice(BaseModel):
    """What part of the list is asked for: after a cursor's id, or skipping `offset` rows."""

    limit: int
    offset: int
    after: UUID | None
    total: Total = Total.NONE

    def window(self) -> Window:
        """What to read: one row more than is shown tells whether there is another page."""
        return Window(self.after, self.limit + 1, self.offset, self.total)

    def page(
        self, found: Found[R], show: Callable[[R], T], id_of: Callable[[R], UUID] = attrgetter("id")
    ) -> Page[T]:
        """The page of what was found: one row more than the limit tells that there is another."""
        rows = found.rows[: self.limit]
        meta = Meta(
            limit=self.limit,
            next_cursor=encode_cursor(id_of(rows[-1])) if rows and len(found.rows) > self.limit else None,
            total=found.total,
            total_is_estimate=None if found.total is None else found.is_estimate,
        )
        # Not read again here: the route does that, by the class of its rows.
        return Page.model_construct(data=[show(row) for row in rows], meta=meta)


async def requested_slice(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    offset: Annotated[
        int,
        Query(ge=0, json_schema_extra={"maximum": MAX_OFFSET}, description="Beyond 10,000 use `cursor`."),
    ] = 0,
    cursor: Annotated[
        str | None, Query(max_length=200, description="The `next_cursor` of the page before.")
    ] = None,
    include: Annotated[Literal["total", "exact_total"] | None, Query(description=_TOTAL)] = None,
) -> Slice:
    """The part of the list that the query asks for."""
    if offset > MAX_OFFSET:
        raise Invalid(
            f"It is at most {MAX_OFFSET}: from there go on with `cursor`, the next_cursor of a page.",
            field="offset",
        )
    after, skipped = decode_place(cursor) if cursor else (None, 0)
    return Slice(limit=limit, offset=offset + skipped, after=after, total=_TOTALS[include])


Sliced = Annotated[Slice, Depends(requested_slice)]
