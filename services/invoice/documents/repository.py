"""What issued documents were printed as: rows of `printed_document`, one for each content."""

from uuid import UUID

from services.invoice.documents.domain.printed_document import PrintedDocument
from shared.events.e_invoice import EInvoiceFinding
from shared.postgres.pool import Connection, Values

_NAMES = (
    "workspace_id kind document_id content_sha256 sha256 template_version is_archival is_factur_x printed_at "
    "data rule_set findings"
).split()
_COLUMNS = ", ".join(_NAMES)
_PLACES = ", ".join(f"${number}" for number in range(1, len(_NAMES) + 1))


async def find(
    tx: Connection, workspace_id: UUID, kind: str, document_id: UUID, content_sha256: str
) -> PrintedDocument | None:
    """What this content of the document was printed as, if it was."""
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM printed_document
        WHERE workspace_id = $1 AND kind = $2 AND document_id = $3 AND content_sha256 = $4""",
        workspace_id,
        kind,
        document_id,
        content_sha256,
    )
    return _from_row(dict(row)) if row else None


async def of_document(
    tx: Connection, workspace_id: UUID, kind: str, document_id: UUID
) -> list[PrintedDocument]:
    """Everything that the document was printed as, the newest first."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM printed_document
        WHERE workspace_id = $1 AND kind = $2 AND document_id = $3 ORDER BY printed_at DESC LIMIT 100""",
        workspace_id,
        kind,
        document_id,
    )
    return [_from_row(dict(row)) for row in rows]


async def keep(tx: Connection, printed: PrintedDocument) -> None:
    """Store it, once: whoever printed the same content first has said what its bytes are."""
    values = {name: getattr(printed, name) for name in _NAMES}
    values["findings"] = [finding.model_dump() for finding in printed.findings]
    await tx.execute(
        f"INSERT INTO printed_document ({_COLUMNS}) VALUES ({_PLACES}) ON CONFLICT DO NOTHING",
        *values.values(),
    )


def _from_row(row: Values) -> PrintedDocument:
    findings = tuple(EInvoiceFinding(**finding) for finding in row["findings"])
    return PrintedDocument(**{**row, "findings": findings})
