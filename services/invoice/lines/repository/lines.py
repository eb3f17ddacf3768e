"""Lines, which invoices, quotes and credit notes have alike."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Generic, Protocol, TypeVar
from uuid import UUID

from asyncpg import Record

from services.invoice.lines.domain import discount as discounts
from services.invoice.lines.domain.line import Line, LineIdTaken
from shared.events.invoice import LineTax
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, where
from shared.postgres.pool import Connection

COLUMN_TYPES = {
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
    "taxes": "jsonb",
    "discount": "jsonb",
    "product_id": "uuid",
    "parent_line_id": "uuid",
    "classification_number": "text",
    "project": "text",
    "supply_start": "date",
    "supply_end": "date",
    "discount_share_minor": "bigint",
    "net_minor": "bigint",
    "tax_minor": "bigint",
    "gross_minor": "bigint",
}
L = TypeVar("L", bound=Line)
L_co = TypeVar("L_co", bound=Line, covariant=True)


class Document(Protocol[L_co]):
    """What has lines: an invoice, a quote or a credit note."""

    @property
    def workspace_id(self) -> UUID: ...
    @property
    def id(self) -> UUID: ...
    @property
    def lines(self) -> tuple[L_co, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfDocument:
    document_id: Annotated[UUID | None, where("document_id = :document_id")] = None


@dataclass(frozen=True, slots=True)
class LineTable(Generic[L]):
    """The lines of one kind of document: `invoice` → table invoice_line with its column invoice_id."""

    document: str
    shape: type[L]
    types: Mapping[str, str] = field(default_factory=lambda: COLUMN_TYPES)

    @property
    def columns(self) -> str:
        """The columns that hold a line's values."""
        return ", ".join(self.types)

    async def insert(self, tx: Connection, *documents: Document[Line]) -> None:
        """Store all lines of new documents, in one statement; raises LineIdTaken naming the line."""
        rows = [
            (document.workspace_id, document.id, position, *self._values(line))
            for document in documents
            for position, line in enumerate(document.lines)
        ]
        if rows:
            columns = (list(column) for column in zip(*rows, strict=True))
            stored = {row["id"] for row in await tx.fetch(self._insert_statement(), *columns)}
            _require_all(documents, stored)

    async def replace(self, tx: Connection, document: Document[Line]) -> None:
        """Store all lines of the document in the place of those it had; raises LineIdTaken."""
        await tx.execute(
            f"DELETE FROM {self.document}_line WHERE workspace_id = $1 AND {self.document}_id = $2",
            document.workspace_id,
            document.id,
        )
        await self.insert(tx, document)

    async def find_ids(self, tx: Connection, workspace_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
        """Which of these ids lines of the workspace's documents of this kind have."""
        rows = await tx.fetch(
            f"SELECT id FROM {self.document}_line WHERE workspace_id = $1 AND id = ANY($2::uuid[])",
            workspace_id,
            list(ids),
        )
        return {row["id"] for row in rows}

    async def document_of(self, tx: Connection, workspace_id: UUID, line_id: UUID) -> UUID:
        """The document that the line belongs to; raises NotFound."""
        document_id: UUID | None = await tx.fetchval(
            f"SELECT {self.document}_id FROM {self.document}_line WHERE workspace_id = $1 AND id = $2",
            workspace_id,
            line_id,
        )
        return document_id or raise_not_found(f"{self.document} line", line_id)

    async def find(
        self, tx: Connection, workspace_id: UUID, document_id: UUID | None, window: Window
    ) -> Found[tuple[UUID, L]]:
        """Lines with the ids of their documents, newest first: of one document or of all."""
        table = f"(SELECT {self.document}_id AS document_id, * FROM {self.document}_line) AS line"
        listing = Listing(_OfDocument, table, f"document_id, {self.columns}")
        wanted = _OfDocument(document_id=document_id)
        return await listing.find(
            tx, workspace_id, wanted, window, lambda row: (row["document_id"], self._line(row))
        )

    async def of(self, tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> dict[UUID, list[L]]:
        """The lines of the documents with these (workspace, document) ids, in order."""
        by_document: dict[UUID, list[L]] = {}
        if not keys:
            return by_document
        rows = await tx.fetch(
            f"""SELECT {self.document}_id AS document_id, {self.columns} FROM {self.document}_line
            WHERE (workspace_id, {self.document}_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
            ORDER BY {self.document}_id, position""",
            [workspace_id for workspace_id, _ in keys],
            [document_id for _, document_id in keys],
        )
        for row in rows:
            by_document.setdefault(row["document_id"], []).append(self._line(row))
        return by_document

    def _insert_statement(self) -> str:
        # A JSON array within an array would be taken for another dimension: JSON goes in as text.
        arrays = ", ".join(
            f"${place}::{type_.replace('jsonb', 'text')}[]"
            for place, type_ in enumerate(self.types.values(), start=4)
        )
        chosen = ", ".join(
            name + ("::jsonb" if type_ == "jsonb" else "") for name, type_ in self.types.items()
        )
        names = f"workspace_id, {self.document}_id, position"
        return f"""INSERT INTO {self.document}_line ({names}, {self.columns})
            SELECT {names}, {chosen}
            FROM unnest($1::uuid[], $2::uuid[], $3::int[], {arrays}) AS line ({names}, {self.columns})
            ON CONFLICT ON CONSTRAINT {self.document}_line_pk DO NOTHING RETURNING id"""

    def _values(self, line: Line) -> list[object]:
        discount = discounts.to_fields(line.discount)
        special = {
            "discount": json.dumps(discount) if discount else None,
            "taxes": json.dumps([levied.model_dump(mode="json") for levied in line.taxes]),
        }
        return [special[name] if name in special else getattr(line, name) for name in self.types]

    def _line(self, row: Record) -> L:
        fields = dict(row)
        del fields["document_id"]
        fields["discount"] = discounts.from_fields(fields["discount"])
        fields["taxes"] = tuple(LineTax(**levied) for levied in fields["taxes"])
        return self.shape(**fields)


def _require_all(documents: Sequence[Document[Line]], stored: set[UUID]) -> None:
    for document in documents:
        for position, line in enumerate(document.lines):
            if line.id not in stored:
                raise LineIdTaken(field=f"lines.{position}.id")
            stored.remove(line.id)


INVOICE_LINES = LineTable("invoice", Line)
QUOTE_LINES = LineTable("quote", Line)
