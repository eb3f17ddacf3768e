"""Filters that lists have in common."""

from collections.abc import Collection

from shared.kernel.errors import Invalid


def words(given: list[str] | None, known: Collection[str], name: str = "status") -> list[str] | None:
    """The words of a filter that may be repeated or comma-separated; raises Invalid for an unknown one."""
    if given is None:
        return None
    wanted = [word for text in given for word in text.split(",")]
    unknown = set(wanted) - set(known)
    if unknown:
        raise Invalid(f"{min(unknown)!r} is none of {', '.join(sorted(known))}.", field=name)
    return wanted
