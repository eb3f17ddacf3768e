"""Headers that tell browsers to be careful with what we send; on every answer, errors included."""

RawHeaders = list[tuple[bytes, bytes]]
ALWAYS: RawHeaders = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    # Data is no page: where a browser shows it as one, nothing in it may run or load.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
]


class Protection:
    """Adds what an answer does not say itself: pages have a policy of their own."""

    def __init__(self, hsts_seconds: int) -> None:
        self._all = dict(ALWAYS)
        if hsts_seconds:
            value = b"max-age=%d; includeSubDomains" % hsts_seconds
            self._all[b"strict-transport-security"] = value

    def add(self, headers: RawHeaders) -> None:
        """Add them to these headers, whose names are in small letters."""
        own = {name for name, _ in headers}
        headers += [header for header in self._all.items() if header[0] not in own]
