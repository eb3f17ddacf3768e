"""Search patterns for ILIKE, and where lists begin."""

END = "ffffffff-ffff-ffff-ffff-ffffffffffff"
"""Above every id: a list without a cursor begins here, so that one index condition serves both."""


def anywhere(text: str | None) -> str | None:
    """A pattern that finds the text anywhere, its own wildcards taken literally; None stays None."""
    if text is None:
        return None
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
