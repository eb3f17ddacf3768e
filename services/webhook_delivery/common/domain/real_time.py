"""The time of what goes out to real servers: it does not follow a sandbox's clock."""

from datetime import UTC, datetime


def real_now() -> datetime:
    """The time in UTC, whatever the workspace's clock says."""
    return datetime.now(UTC)
