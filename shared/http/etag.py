"""ETag and If-Match (RFC 9110): an ETag is the resource's version."""

from typing import Annotated

from fastapi import Depends, Header, Response

from shared.kernel.errors import BadRequest


def tag(response: Response, version: int) -> None:
    """Name the version in the reply."""
    response.headers["etag"] = f'"{version}"'


async def expected_version(if_match: Annotated[str | None, Header()] = None) -> int | None:
    """The version that the caller means to change; None where it does not say, or says `*`."""
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdecimal() or len(text) > 18:
        raise BadRequest('If-Match must be an ETag of ours, such as "3".', field="If-Match")
    return int(text)


IfMatch = Annotated[int | None, Depends(expected_version)]
