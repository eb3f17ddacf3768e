"""The head of a request."""

from shared.http1.connection import RawHeaders


def head(method: str, target: bytes, headers: RawHeaders) -> bytes:
    """What stands before the body; raises ValueError rather than let a value end its line or word."""
    first = b"%b %b HTTP/1.1" % (method.encode("ascii"), target)
    content = b"\r\n".join([first, *[b"%b: %b" % header for header in headers]])
    breaks = len(headers)
    if content.count(b"\r") != breaks or content.count(b"\n") != breaks or b"\x00" in content:
        raise ValueError("a header's value has more than one line")
    if first.count(b" ") != 2:
        raise ValueError("the request's target has more than one word")
    return content + b"\r\n\r\n"
