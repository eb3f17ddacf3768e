"""SQL of the list of deliveries over all documents."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.invoice.documents.domain.print_model import Kind
from services.invoice.sending.domain.delivery import Delivery
from services.invoice.sending.repository.deliveries import COLUMNS, delivery_from_row
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_OF_KIND = {
    "invoice": "invoice_id IS NOT NULL",
    "credit_note": "credit_note_id IS NOT NULL",
    "quote": "quote_id IS NOT NULL",
}
_CONDITIONS = {
    "status": "status = ANY({}::text[])",
    "channel": "channel = ",
    "contact_id": "contact_id = ",
    "document_id": "document_id = ",
    "since": "created_at >= ",
    "until": "created_at < ",
}


@dataclass(frozen=True, slots=True)
class WantedDeliveries:
    """Which deliveries of a workspace; `kinds` are those of the documents that the caller may see."""

    workspace_id: UUID
    kinds: tuple[Kind, ...]
    status: list[str] | None = None
    channel: str | None = None
    contact_id: UUID | None = None
    document_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


async def find(
    tx: Connection, wanted: WantedDeliveries, after: UUID | None, limit: int, offset: int
) -> list[Delivery]:
    """Deliveries of all documents, newest first."""
    given: list[Any] = []
    where = _where(wanted, given)
    if after:
        where += f" AND id < {_place(given, after)}"
    rows = await tx.fetch(
        f"""SELECT {COLUMNS} FROM delivery WHERE {where}
        ORDER BY id DESC LIMIT {_place(given, limit)} OFFSET {_place(given, offset)}""",
        *given,
    )
    return [delivery_from_row(row) for row in rows]


async def count(tx: Connection, wanted: WantedDeliveries) -> int:
    """How many there are."""
    given: list[Any] = []
    where = _where(wanted, given)
    return int(await tx.fetchval(f"SELECT count(*) FROM delivery WHERE {where}", *given))


async def get(tx: Connection, wanted: WantedDeliveries, delivery_id: UUID) -> Delivery:
    """One of them; raises NotFound."""
    given: list[Any] = []
    where = _where(wanted, given)
    row = await tx.fetchrow(
        f"SELECT {COLUMNS} FROM delivery WHERE {where} AND id = {_place(given, delivery_id)}", *given
    )
    return delivery_from_row(row) if row else raise_not_found("delivery", delivery_id)


def _where(wanted: WantedDeliveries, given: list[Any]) -> str:
    """Only the conditions that are asked for: each set of them has its own plan, along its own index."""
    found = [f"workspace_id = {_place(given, wanted.workspace_id)}"]
    if len(wanted.kinds) < len(_OF_KIND):
        kinds = " OR ".join(_OF_KIND[kind] for kind in wanted.kinds)
        found.append(f"({kinds or 'false'})")
    for name, condition in _CONDITIONS.items():
        if (value := getattr(wanted, name)) is not None:
            place = _place(given, value)
            found.append(condition.format(place) if "{}" in condition else condition + place)
    return " AND ".join(found)


def _place(given: list[Any], value: Any) -> str:
    given.append(value)
    return f"${len(given)}"
