"""What resources are made of: a method's operation and values become a call, a call's answer becomes an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from billing_sdk import errors
from billing_sdk._calls import Call, Operation, prepare
from billing_sdk._files import AsyncFile, File
from billing_sdk._models import Model, Response, read
from billing_sdk._paging import AsyncListing, Listing
from billing_sdk._retries import Answer
from billing_sdk._settings import Settings
from billing_sdk._transport import AsyncTransport, SyncTransport

M = TypeVar("M", bound=Model)


def _prepared(settings: Settings, operation: Operation, ids: tuple[object, ...], given: Mapping[str, object]) -> Call:
    return prepare(operation, ids, given, timeout=settings.timeout, max_retries=settings.max_retries)


def _object(kind: type[M], answer: Answer) -> M:
    return read(kind, answer.content, Response(answer.status, answer.headers))


def _require_done(answer: Answer) -> None:
    if answer.status >= 300:
        raise errors.BadReply(f"the server answered {answer.status}")


class Resource:
    """A resource of the client."""

    __slots__ = ("_transport",)

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _get(self, operation: Operation, ids: tuple[object, ...], given: Mapping[str, object], kind: type[M]) -> M:
        answer = self._transport.run(_prepared(self._transport.settings, operation, ids, given))
        _require_done(answer)
        return _object(kind, answer)

    def _do(self, operation: Operation, ids: tuple[object, ...], given: Mapping[str, object]) -> None:
        _require_done(self._transport.run(_prepared(self._transport.settings, operation, ids, given)))

    def _list(
        self, operation: Operation, ids: tuple[object, ...], given: Mapping[str, object], kind: type[M]
    ) -> Listing[M]:
        def page(more: Mapping[str, Any]) -> Answer:
            call = _prepared(self._transport.settings, operation, ids, {**given, **more})
            return self._transport.run(call)

        return Listing(page, given, kind, operation.pages_by_offset)

    def _file(self, operation: Operation, ids: tuple[object, ...], given: Mapping[str, object]) -> File:
        call = _prepared(self._transport.settings, operation, ids, given)
        return File(lambda stream: self._transport.run(call, stream))


class AsyncResource:
    """A resource of the async client."""

    __slots__ = ("_transport",)

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    async def _get(
        self, operation: Operation, ids: tuple[object, ...], given: Mapping[str, object], kind: type[M]
    ) -> M:
        answer = await self._transport.run(_prepared(self._transport.settings, operation, ids, given))
        _require_done(answer)
        return _object(kind, answer)

    async def _do(self, operation: Operation, ids: tuple[object, ...], given: Mapping[str, object]) -> None:
        _require_done(await self._transport.run(_prepared(self._transport.settings, operation, ids, given)))

    def _list(
        self, operation: Operation, ids: tuple[object, ...], given: Mapping[str, object], kind: type[M]
    ) -> AsyncListing[M]:
        async def page(more: Mapping[str, Any]) -> Answer:
            call = _prepared(self._transport.settings, operation, ids, {**given, **more})
            return await self._transport.run(call)

        return AsyncListing(page, given, kind, operation.pages_by_offset)

    def _file(self, operation: Operation, ids: tuple[object, ...], given: Mapping[str, object]) -> AsyncFile:
        call = _prepared(self._transport.settings, operation, ids, given)
        return AsyncFile(lambda stream: self._transport.run(call, stream))
