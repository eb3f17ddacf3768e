"""Notes which transactions made deliveries due, so that their commit wakes the worker of this process."""

from shared.postgres.pool import Connection

_shards: dict[int, set[int]] = {}


def note(tx: Connection, *shards: int) -> None:
    """This transaction makes deliveries of these shards due."""
    _shards.setdefault(id(tx), set()).update(shards)


def taken(tx: Connection) -> set[int]:
    """The shards that this transaction noted; asked once, after its commit."""
    return _shards.pop(id(tx), set())
