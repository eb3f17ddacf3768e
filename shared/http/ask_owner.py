"""Requests that name what has not been heard of yet: the owner is asked once and they are done again."""

from typing import ClassVar

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from shared.http.idempotency import Route
from shared.kernel.errors import Unavailable


class AskOwnerRoute(Route):
    """A route whose requests may raise `unknown`: by then their transaction is rolled back."""

    unknown: ClassVar[type[Exception]]

    async def ask_owner(self, request: Request, missing: Exception) -> None:
        """Store the owner's snapshots of what is missing; raises what the caller is to be told."""
        raise NotImplementedError

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; where something is missing, fetch it and answer again, as if it had been there.

        Raises Unavailable where it is missing still.
        """
        body = _Repeatable(receive)
        try:
            return await super().handle(scope, body.receive, send)
        except self.unknown as missing:
            await self.ask_owner(Request(scope), missing)
        body.rewind()
        try:
            await super().handle(scope, body.receive, send)
        except self.unknown as error:
            raise Unavailable(retry_after_seconds=1) from error


class _Repeatable:
    """The messages of one request's body, which can be received twice."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._seen: list[Message] = []
        self._again: list[Message] = []

    async def receive(self) -> Message:
        if self._again:
            return self._again.pop(0)
        message = await self._receive()
        self._seen.append(message)
        return message

    def rewind(self) -> None:
        self._again = self._seen[:]
