"""A reply with a secret: the caller gets it, while what is kept for a repeated request does not hold it."""

from fastapi import status
from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from shared.kernel.json import Json


class ShownOnce(JSONResponse):
    """Sends `content`; to everything that reads its body, such as Idempotency-Key, it is `kept`."""

    def __init__(self, content: Json, kept: Json, version: int | None = None) -> None:
        headers = {} if version is None else {"etag": f'"{version}"'}
        super().__init__(kept, status.HTTP_201_CREATED, headers)
        self._sent = JSONResponse(content, status.HTTP_201_CREATED, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the content."""
        await self._sent(scope, receive, send)
