"""Search patterns for ILIKE."""


def anywhere(text: str | None) -> str | None:
    """A pattern that finds the text anywhere, its own wildcards taken literally; None stays None."""
    if text is None:
        return None
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
