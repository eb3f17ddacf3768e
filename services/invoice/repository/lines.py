"""SQL of lines, which invoices and quotes have alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from services.invoice.domain import discount as discounts
from services.invoice.domain.line import Line
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_TYPES = {
    "id": "uuid",
    "type": "text",
    "description": "text",
    "quantity": "numeric",
    "unit": "text",
    "unit_price": "numeric",
    "tax_rate": "numeric",
    "tax_category": "text",
    "tax_behavior": "text",
    "tax_exemption_reason": "text",
    "discount": "jsonb",
    "product_id": "uuid",
    "parent_line_id": "uuid",
    "classification_number": "text",
    "project": "text",
    "discount_share_minor": "bigint",
    "net_minor": "bigint",
    "tax_minor": "bigint",
    "gross_minor": "bigint",
}
_COLUMNS = ", ".join(_TYPES)
_ARRAYS = ", ".join(f"${place}::{type_}[]" for place, type_ in enumerate(_TYPES.values(), start=4))


class Document(Protocol):
    """What has lines: an invoice or a quote."""

    @property
    def workspace_id(self) -> UUID: ...
    @property
    def id(self) -> UUID: ...
    @property
    def lines(self) -> tuple[Line, ...]: ...


@dataclass(frozen=True, slots=True)
class LineTable:
    """The lines of one kind of document: `invoice` → table invoice_line with its column invoice_id."""

    document: str

    async def insert(self, tx: Connection, *documents: Document) -> None:
        """Store all lines of new documents, in one statement."""
        rows = [
            (document.workspace_id, document.id, position, *_values(line))
            for document in documents
            for position, line in enumerate(document.lines)
        ]
        if rows:
            await tx.execute(
                f"""INSERT INTO {self.document}_line (workspace_id, {self.document}_id, position, {_COLUMNS})
                SELECT line.* FROM unnest($1::uuid[], $2::uuid[], $3::int[], {_ARRAYS}) AS line""",
                *(list(column) for column in zip(*rows, strict=True)),
            )

    async def replace(self, tx: Connection, document: Document) -> None:
        """Store all lines of the document in the place of those it had."""
        await tx.execute(
            f"DELETE FROM {self.document}_line WHERE workspace_id = $1 AND {self.document}_id = $2",
            document.workspace_id,
            document.id,
        )
        await self.insert(tx, document)

    async def document_of(self, tx: Connection, workspace_id: UUID, line_id: UUID) -> UUID:
        """The document that the line belongs to; raises NotFound."""
        found: UUID | None = await tx.fetchval(
            f"SELECT {self.document}_id FROM {self.document}_line WHERE workspace_id = $1 AND id = $2",
            workspace_id,
            line_id,
        )
        return found or raise_not_found(f"{self.document} line", line_id)

    async def find(
        self, tx: Connection, workspace_id: UUID, document_id: UUID | None, part: dict[str, Any]
    ) -> list[tuple[UUID, Line]]:
        """Lines with the ids of their documents, newest first: of one document or of all."""
        rows = await tx.fetch(
            f"""SELECT {self.document}_id AS document_id, {_COLUMNS} FROM {self.document}_line
            WHERE workspace_id = $1 AND ($2::uuid IS NULL OR {self.document}_id = $2)
              AND ($3::uuid IS NULL OR id < $3)
            ORDER BY id DESC LIMIT $4 OFFSET $5""",
            workspace_id,
            document_id,
            part["after"],
            part["limit"],
            part["offset"],
        )
        return [(row["document_id"], _line(row)) for row in rows]

    async def of(self, tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> dict[UUID, list[Line]]:
        """The lines of the documents with these (workspace, document) ids, in order."""
        found: dict[UUID, list[Line]] = {}
        if not keys:
            return found
        rows = await tx.fetch(
            f"""SELECT {self.document}_id AS document_id, {_COLUMNS} FROM {self.document}_line
            WHERE (workspace_id, {self.document}_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
            ORDER BY {self.document}_id, position""",
            [workspace_id for workspace_id, _ in keys],
            [document_id for _, document_id in keys],
        )
        for row in rows:
            found.setdefault(row["document_id"], []).append(_line(row))
        return found


INVOICE_LINES = LineTable("invoice")
QUOTE_LINES = LineTable("quote")


def _values(line: Line) -> list[Any]:
    special = {"discount": discounts.to_fields(line.discount)}
    return [special[name] if name in special else getattr(line, name) for name in _TYPES]


def _line(row: Any) -> Line:
    fields = dict(row)
    del fields["document_id"]
    fields["discount"] = discounts.from_fields(fields["discount"])
    return Line(**fields)
