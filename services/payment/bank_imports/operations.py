"""A bank's file is imported: its lines are kept, whatever becomes of them, and booked to suspense."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from uuid import UUID

from services.payment.bank_accounts import repository as bank_accounts
from services.payment.bank_accounts.domain import BankAccount
from services.payment.bank_files.domain.statement import BankEntry, BankStatement
from services.payment.bank_files.formats.bank_file import BankFile
from services.payment.bank_imports import domain as rules
from services.payment.bank_imports import repository as bank_imports
from services.payment.bank_imports.domain import BankImport, ImportedStatement
from services.payment.bank_lines import repository as bank_lines
from services.payment.bank_lines.domain import line as line_rules
from services.payment.bank_lines.domain.line import BankLine
from services.payment.ledger.repository import ledger
from shared.kernel.ids import new_id
from shared.kernel.key_ring import KeyRing, place
from shared.messaging.work import Work


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, and what was read of it; `account_id` is whose it is where it does not say so."""

    data: bytes
    file: BankFile
    file_name: str | None = None
    account_id: UUID | None = None


async def import_file(work: Work, upload: Upload, ring: KeyRing) -> tuple[BankImport, bool]:
    """Keep the file's statements and those of its lines that no file told of before; all or nothing.

    Returns the import, and whether it is new: the same bytes are the import that came first. Raises what
    find_account raises, naming the file.
    """
    digest = sha256(upload.data).digest()
    # Locked first: two files that tell of one day must not both take a line for new.
    accounts = await bank_accounts.lock_named(work.tx, work.workspace_id)
    earlier = await bank_imports.find_file(work.tx, work.workspace_id, digest)
    if earlier:
        return earlier, False
    import_id = new_id()
    statements = [
        await _import_statement(
            work, import_id, statement, rules.find_account(statement, accounts, upload.account_id), ring
        )
        for statement in upload.file.statements
    ]
    done = BankImport(
        workspace_id=work.workspace_id,
        id=import_id,
        created_at=work.clock.now(),
        sha256=digest,
        format=upload.file.format,
        file_name=upload.file_name,
        statement_count=len(statements),
        line_count=sum(statement.line_count for statement in statements),
        new_line_count=sum(statement.new_line_count for statement in statements),
        created_by=work.actor,
    )
    await bank_imports.insert(work.tx, done, statements)
    return done, True


async def _import_statement(
    work: Work, import_id: UUID, statement: BankStatement, account: BankAccount, ring: KeyRing
) -> ImportedStatement:
    statement_id = new_id()
    # A movement of nothing, which some banks write for a notice, has nothing to be matched.
    entries = [line_rules.bounded(entry) for entry in statement.entries if entry.amount_minor]
    lines = [_new_line(work, entry, account.id, import_id, statement_id, ring=ring) for entry in entries]
    new_count = await _keep(work, lines, list(line_rules.fingerprints(entries)))
    return ImportedStatement(
        workspace_id=work.workspace_id,
        id=statement_id,
        created_at=work.clock.now(),
        import_id=import_id,
        bank_account_id=account.id,
        number=statement.number,
        currency=statement.currency,
        from_on=statement.from_on,
        until_on=statement.until_on,
        opening_minor=statement.opening_minor,
        closing_minor=statement.closing_minor,
        is_balanced=statement.is_balanced,
        line_count=len(lines),
        new_line_count=new_count,
    )


async def _keep(work: Work, lines: Sequence[BankLine], marks: Sequence[tuple[bytes, int]]) -> int:
    """Store the lines that are new and book them; how many."""
    if not lines:
        return 0
    new_ids = await bank_lines.insert(work.tx, lines, marks)
    transfers = [entry for line in lines if line.id in new_ids for entry in line_rules.imported(line)]
    if transfers:
        await ledger.write(work.tx, transfers)
    return len(new_ids)


def _new_line(
    work: Work, entry: BankEntry, account_id: UUID, import_id: UUID, statement_id: UUID, *, ring: KeyRing
) -> BankLine:
    line_id, now = new_id(), work.clock.now()
    line = BankLine(work.workspace_id, line_id, 1, now, now, account_id, import_id, statement_id, entry)
    iban = entry.counterparty.iban
    if iban is None:
        return line
    about = place(work.workspace_id, "bank_line", line_id, "counterparty_iban")
    return replace(line, iban_envelope=ring.encrypt(iban.encode(), about))
