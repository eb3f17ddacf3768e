"""Reads a request's body as bytes; the app has set a limit to it."""

from starlette.types import Receive

from shared.kernel.errors import BadRequest


class Disconnected(BadRequest):
    """The caller went away before its request was complete."""

    code = "disconnected"


async def read(receive: Receive) -> bytes:
    """The whole body; raises TooLarge where it is larger than the platform allows."""
    chunks, has_more = [], True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunks.append(message.get("body", b""))
        has_more = message.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
