"""SQL of imported files and their statements: inserted once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from services.payment.bank_imports.domain import BankImport, ImportedStatement
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, where
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = (
    "workspace_id id created_at sha256 format file_name statement_count line_count new_line_count created_by"
).split()
_COLUMNS = ", ".join(_NAMES)
_STATEMENT_NAMES = (
    "workspace_id id created_at import_id bank_account_id number currency from_on until_on opening_minor "
    "closing_minor is_balanced line_count new_line_count"
).split()
_STATEMENT_COLUMNS = ", ".join(_STATEMENT_NAMES)
_INSERT = Statement(f"INSERT INTO bank_import ({_COLUMNS}) VALUES ({places(_NAMES)})")
_INSERT_STATEMENT = Statement(
    f"INSERT INTO bank_statement ({_STATEMENT_COLUMNS}) VALUES ({places(_STATEMENT_NAMES)})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFilter:
    """Which files."""

    sha256: Annotated[bytes | None, where("sha256 = :sha256")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFilter:
    """Which statements."""

    account_id: Annotated[UUID | None, where("bank_account_id = :account_id")] = None
    import_id: Annotated[UUID | None, where("import_id = :import_id")] = None
    is_balanced: Annotated[bool | None, where("is_balanced = :is_balanced")] = None


_LIST = Listing(ImportFilter, "bank_import", _COLUMNS)
_STATEMENTS = Listing(StatementFilter, "bank_statement", _STATEMENT_COLUMNS)


async def find_file(tx: Connection, workspace_id: UUID, sha256: bytes) -> BankImport | None:
    """The import of the file with these bytes, if there was one."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM bank_import WHERE workspace_id = $1 AND sha256 = $2", workspace_id, sha256
    )
    return BankImport(**row) if row else None


async def get(tx: Connection, workspace_id: UUID, import_id: UUID) -> BankImport:
    """The import; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM bank_import WHERE workspace_id = $1 AND id = $2", workspace_id, import_id
    )
    return BankImport(**row) if row else raise_not_found("bank import", import_id)


async def find(
    tx: Connection, workspace_id: UUID, filters: ImportFilter, window: Window
) -> Found[BankImport]:
    """Imports, newest first."""
    return await _LIST.find(tx, workspace_id, filters, window, lambda row: BankImport(**row))


async def find_statements(
    tx: Connection, workspace_id: UUID, filters: StatementFilter, window: Window
) -> Found[ImportedStatement]:
    """Statements, newest first."""
    return await _STATEMENTS.find(tx, workspace_id, filters, window, lambda row: ImportedStatement(**row))


async def count_by_state(
    tx: Connection, workspace_id: UUID, import_ids: Sequence[UUID]
) -> Mapping[UUID, Mapping[str, int]]:
    """How many lines of each import are in each state."""
    rows = await tx.fetch(
        """SELECT import_id, state, count(*) AS count FROM bank_line
        WHERE workspace_id = $1 AND import_id = ANY($2::uuid[]) GROUP BY import_id, state""",
        workspace_id,
        import_ids,
    )
    counts: dict[UUID, dict[str, int]] = {id_: {} for id_ in import_ids}
    for row in rows:
        counts[row["import_id"]][row["state"]] = row["count"]
    return counts


async def insert(tx: Connection, file: BankImport, statements: Sequence[ImportedStatement]) -> None:
    """Store an import with its statements."""
    await _INSERT.execute(tx, file)
    for statement in statements:
        await _INSERT_STATEMENT.execute(tx, statement)
