"""Optimistic concurrency: a change may name the version that it was made from."""

from shared.kernel.errors import PreconditionFailed


def require_version(now: int, expected: int | None) -> None:
    """Raise PreconditionFailed when the resource is not at the expected version; None expects nothing."""
    if expected is not None and expected != now:
        raise PreconditionFailed(f"The resource is at version {now}, not {expected}.", version=now)
