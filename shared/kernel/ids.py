"""Identifiers: UUIDv7 (RFC 9562), so that keys made later sort later."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """A new UUIDv7: its first 48 bits are the millisecond of its making."""
    return UUID(int=uuid_utils.uuid7().int)
