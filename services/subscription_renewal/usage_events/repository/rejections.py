"""SQL of usage events that were refused while others of their request were taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from shared.postgres.listing import Found, Listing, Window, where
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

_INSERT = Statement("""
INSERT INTO usage_rejection (workspace_id, id, code, pointer, message, event)
SELECT :workspace_id, * FROM unnest(:id::uuid[], :code::text[], :pointer::text[], :message::text[],
    :event::text[])
""")


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event that was refused while others of its request were taken."""

    id: UUID
    code: str
    pointer: str
    message: str
    event: str
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rejections a list shows."""

    code: Annotated[str | None, where("code = :code")] = None


_LIST = Listing(Filter, "usage_rejection", "id, code, pointer, message, event, received_at")


async def insert(tx: Connection, workspace_id: UUID, rejections: Sequence[Rejection]) -> None:
    """Keep them for thirty days."""
    await _INSERT.execute_many(tx, rejections, workspace_id=workspace_id)


async def find(tx: Connection, workspace_id: UUID, wanted: Filter, window: Window) -> Found[Rejection]:
    """A page of them, newest first."""
    return await _LIST.find(tx, workspace_id, wanted, window, lambda row: Rejection(**row))
