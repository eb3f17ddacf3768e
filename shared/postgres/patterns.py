"""Search patterns for ILIKE."""


def anywhere(text: str) -> str:
    """A pattern that finds the text anywhere, its own wildcards taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
