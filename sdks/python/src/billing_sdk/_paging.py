"""Lists: what `list()` gives is iterated, and goes on by itself from page to page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from billing_sdk import errors
from billing_sdk._models import Model, Response, decode
from billing_sdk._retries import Answer

M = TypeVar("M", bound=Model)
DEFAULT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """One page of a list, newest first."""

    data: tuple[M, ...]
    next_cursor: str | None
    """Give it as `cursor` to go on after this page; None at the end."""
    total: int | None
    """How many there are in all, where `include="total"` asked for it."""
    last_response: Response

    @property
    def has_more(self) -> bool:
        """Whether another page follows."""
        return self.next_cursor is not None

    def __iter__(self) -> Iterator[M]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


def _page(kind: type[M], answer: Answer) -> Page[M]:
    body = decode(answer.content)
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        raise errors.BadReply("the reply is no page of a list")
    meta: Mapping[str, Any] = body.get("meta") or {}
    response = Response(answer.status, answer.headers)
    rows = tuple(kind(row, response) for row in body["data"])
    return Page(rows, meta.get("next_cursor"), meta.get("total"), response)


class _Walk:
    """Where the next page begins: after the cursor, or where a list has none, behind what was seen."""

    def __init__(self, given: Mapping[str, object], by_offset: bool) -> None:
        self._by_offset = by_offset
        self._offset = int(str(given.get("offset") or 0))
        self._limit = int(str(given.get("limit") or DEFAULT_LIMIT))
        self.more: dict[str, Any] = {}

    def goes_on(self, page: Page[Any]) -> bool:
        """Whether there is more, which `more` then asks for."""
        if page.next_cursor is not None:
            cursor = {"cursor": page.next_cursor, "offset": None}
            if self.more == cursor:
                raise errors.BadReply("the list does not go on: its cursor is the one that was given")
            self.more = cursor
            return True
        if self._by_offset and len(page) >= self._limit:
            self._offset += len(page)
            self.more = {"offset": self._offset, "limit": self._limit}
            return True
        return False


class Listing(Generic[M]):
    """A list: nothing is asked before it is iterated, and no more than is taken.

    `for contact in client.contacts.list(): …` goes over all pages.
    """

    __slots__ = ("_ask", "_by_offset", "_given", "_kind")

    def __init__(
        self,
        ask: Callable[[Mapping[str, Any]], Answer],
        given: Mapping[str, object],
        kind: type[M],
        by_offset: bool = False,
    ) -> None:
        self._ask, self._given, self._kind, self._by_offset = ask, given, kind, by_offset

    def page(self) -> Page[M]:
        """The first page."""
        return _page(self._kind, self._ask({}))

    def pages(self) -> Iterator[Page[M]]:
        """Every page."""
        walk = _Walk(self._given, self._by_offset)
        while True:
            page = _page(self._kind, self._ask(walk.more))
            yield page
            if not walk.goes_on(page):
                return

    def first(self, count: int) -> list[M]:
        """The first so many, or all where there are fewer."""
        found: list[M] = []
        for row in self if count > 0 else ():
            found.append(row)
            if len(found) >= count:
                break
        return found

    def __iter__(self) -> Iterator[M]:
        for page in self.pages():
            yield from page.data


class AsyncListing(Generic[M]):
    """A list: nothing is asked before it is iterated, and no more than is taken.

    `async for contact in client.contacts.list(): …` goes over all pages.
    """

    __slots__ = ("_ask", "_by_offset", "_given", "_kind")

    def __init__(
        self,
        ask: Callable[[Mapping[str, Any]], Awaitable[Answer]],
        given: Mapping[str, object],
        kind: type[M],
        by_offset: bool = False,
    ) -> None:
        self._ask, self._given, self._kind, self._by_offset = ask, given, kind, by_offset

    async def page(self) -> Page[M]:
        """The first page."""
        return _page(self._kind, await self._ask({}))

    async def pages(self) -> AsyncIterator[Page[M]]:
        """Every page."""
        walk = _Walk(self._given, self._by_offset)
        while True:
            page = _page(self._kind, await self._ask(walk.more))
            yield page
            if not walk.goes_on(page):
                return

    async def first(self, count: int) -> list[M]:
        """The first so many, or all where there are fewer."""
        found: list[M] = []
        if count > 0:
            async for row in self:
                found.append(row)
                if len(found) >= count:
                    break
        return found

    async def __aiter__(self) -> AsyncIterator[M]:
        async for page in self.pages():
            for row in page.data:
                yield row
