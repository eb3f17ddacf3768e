"""Lists: cursors that stay right under inserts, offsets for those who must."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel

from shared.kernel.errors import Invalid
from shared.postgres.listing import Window

T = TypeVar("T")
MAX_LIMIT = 500


class Meta(BaseModel):
    """Where this page stands."""

    limit: int
    next_cursor: str | None = None
    total: int | None = None


class Page(BaseModel, Generic[T]):
    """One page of a list, newest first."""

    data: list[T]
    meta: Meta


class Slice(BaseModel):
    """What part of the list is asked for: after a cursor's id, or skipping `offset` rows."""

    limit: int
    offset: int
    after: UUID | None
    wants_total: bool

    def window(self) -> Window:
        """What to read: one row more than is shown tells whether there is another page."""
        return Window(self.after, self.limit + 1, self.offset)

    def page(
        self, rows: Sequence[T], total: int | None = None, id_of: Callable[[T], UUID] | None = None
    ) -> Page[T]:
        """The page of `rows`, which were read one more than the limit to see whether there is another."""
        shown = list(rows[: self.limit])
        last = (id_of(shown[-1]) if id_of else getattr(shown[-1], "id", None)) if shown else None
        cursor = encode_cursor(last) if last and len(rows) > self.limit else None
        # Not read again here: the route does that, by the class of its rows.
        return Page.model_construct(data=shown, meta=Meta(limit=self.limit, next_cursor=cursor, total=total))


def encode_cursor(after: UUID) -> str:
    """An opaque cursor for the rows after this id."""
    return base64.urlsafe_b64encode(json.dumps({"after": str(after)}).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> UUID:
    """The id in a cursor; raises Invalid for one that is not ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return UUID(json.loads(base64.urlsafe_b64decode(padded))["after"])
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid("The cursor is not one of ours.", field="cursor") from error


async def requested_slice(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    include: Annotated[str | None, Query(pattern="^total$")] = None,
) -> Slice:
    """The part of the list that the query asks for."""
    return Slice(
        limit=limit,
        offset=offset,
        after=decode_cursor(cursor) if cursor else None,
        wants_total=include == "total",
    )


Sliced = Annotated[Slice, Depends(requested_slice)]
