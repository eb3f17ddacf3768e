"""Bank lines: movements that a bank told of, and what became of each.

imported → matched | proposed | unknown; proposed, unknown → matched | ignored; matched, ignored → proposed or
unknown again, when that is undone. Nothing is edited: what is undone is booked back.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from services.payment.bank_files.domain.statement import BankEntry
from services.payment.ledger.domain import AccountType, Occasion, Transfer, account, transfer
from shared.kernel.errors import Conflict
from shared.kernel.moves import require_move

_TEXT_IN_FINGERPRINT = 140


class LineState(StrEnum):
    """Where a line stands."""

    IMPORTED = "imported"
    MATCHED = "matched"
    PROPOSED = "proposed"
    UNKNOWN = "unknown"
    IGNORED = "ignored"


class Rule(StrEnum):
    """Why a line is matched or proposed; each is a sentence that a person can check, never a score."""

    REGISTERED_BEFORE = "registered_before"
    STRUCTURED = "structured"
    NUMBERS = "numbers"
    NUMBER_PART = "number_part"
    NUMBER_OVER = "number_over"
    AMBIGUOUS = "ambiguous"
    REFUSED = "refused"
    UNKNOWN_PAYER = "unknown_payer"
    OUTGOING = "outgoing"
    BY_HAND = "by_hand"


class IgnoredAs(StrEnum):
    """What a movement is that settles nothing: what the bank took for its work, or none of the billing's."""

    BANK_CHARGES = "bank_charges"
    UNRELATED = "unrelated"


class LineIsMatched(Conflict):
    """The line is matched already: undo that first."""

    code = "bank_line_is_matched"


class LineNotDecided(Conflict):
    """Nothing was decided of the line that could be undone."""

    code = "bank_line_not_decided"


class LineGoesOut(Conflict):
    """The money of this line went out: it settles no invoice."""

    code = "bank_line_goes_out"


@dataclass(frozen=True, slots=True)
class BankLine:
    """A movement of a bank account as the bank told it, and what was decided of it.

    `iban_envelope` is the other side's IBAN, encrypted; `evidence` are the sentences of the rule.
    `has_made_payment`: the match registered the payment; otherwise it was there before.
    """

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    bank_account_id: UUID
    import_id: UUID
    statement_id: UUID
    entry: BankEntry
    iban_envelope: bytes | None = None
    state: LineState = LineState.IMPORTED
    rule: Rule | None = None
    evidence: tuple[str, ...] = ()
    candidate_ids: tuple[UUID, ...] = ()
    payment_id: UUID | None = None
    has_made_payment: bool = False
    ignored_as: IgnoredAs | None = None
    reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LineDecision:
    """What is decided of a line, by whom (None: by the rule alone) and when."""

    rule: Rule
    evidence: tuple[str, ...]
    at: datetime
    by: str | None = None


def fingerprints(entries: Iterable[BankEntry]) -> Iterator[tuple[bytes, int]]:
    """What makes each entry the same movement in another file, and which of several alike it is.

    By the bank's own reference where there is one; two alike on one day are two (counted within a statement).
    """
    seen: Counter[bytes] = Counter()
    for entry in entries:
        text = "".join(entry.remittance.text.casefold().split())[:_TEXT_IN_FINGERPRINT]
        named = entry.bank_reference or f"{entry.counterparty.iban}|{text}"
        said = f"{entry.booked_on}|{entry.amount_minor}|{entry.currency}|{named}"
        fingerprint = sha256(said.encode()).digest()[:16]
        seen[fingerprint] += 1
        yield fingerprint, seen[fingerprint]


def bounded(entry: BankEntry) -> BankEntry:
    """The entry with texts no longer than a payer or a bank writes them, whatever a file holds."""
    remittance, party = entry.remittance, entry.counterparty
    return replace(
        entry,
        bank_reference=_cut(entry.bank_reference, 140),
        counterparty=replace(
            party,
            name=_cut(party.name, 200),
            bic=_cut(party.bic, 11),
            ultimate_name=_cut(party.ultimate_name, 200),
        ),
        remittance=replace(
            remittance,
            text=remittance.text[:4000],
            structured=tuple(reference[:140] for reference in remittance.structured[:20]),
            end_to_end_id=_cut(remittance.end_to_end_id, 140),
            mandate_id=_cut(remittance.mandate_id, 140),
            creditor_id=_cut(remittance.creditor_id, 140),
        ),
        transaction_code=_cut(entry.transaction_code, 100),
        return_code=_cut(entry.return_code, 35),
        details_of=_cut(entry.details_of, 140),
    )


def _cut(text: str | None, length: int) -> str | None:
    return text[:length] if text else None


def match(line: BankLine, payment_id: UUID, decision: LineDecision, *, has_made_payment: bool) -> BankLine:
    """The line, settled by this payment; raises LineIsMatched or IllegalMove."""
    if line.state is LineState.MATCHED:
        raise LineIsMatched(field="state", payment_id=str(line.payment_id))
    changed = _decide(line, LineState.MATCHED, decision)
    return replace(changed, payment_id=payment_id, has_made_payment=has_made_payment, candidate_ids=())


def propose(line: BankLine, decision: LineDecision, candidate_ids: Sequence[UUID]) -> BankLine:
    """The line, of which a person decides: between candidates, or without any."""
    state = LineState.PROPOSED if candidate_ids else LineState.UNKNOWN
    return replace(_decide(line, state, decision), candidate_ids=tuple(candidate_ids))


def ignore(line: BankLine, ignored_as: IgnoredAs, reason: str, decision: LineDecision) -> BankLine:
    """The line, settled without an invoice; raises LineIsMatched or IllegalMove."""
    if line.state is LineState.MATCHED:
        raise LineIsMatched(field="state", payment_id=str(line.payment_id))
    return replace(_decide(line, LineState.IGNORED, decision), ignored_as=ignored_as, reason=reason)


def undo(line: BankLine, candidate_ids: Sequence[UUID], reason: str, decision: LineDecision) -> BankLine:
    """The line as it was before something was decided of it; raises LineNotDecided."""
    if line.state not in (LineState.MATCHED, LineState.IGNORED):
        raise LineNotDecided(field="state", state=line.state)
    state = LineState.PROPOSED if candidate_ids else LineState.UNKNOWN
    changed = _decide(line, state, decision)
    return replace(
        changed,
        candidate_ids=tuple(candidate_ids),
        payment_id=None,
        has_made_payment=False,
        ignored_as=None,
        reason=reason,
    )


_DECIDED = frozenset({LineState.MATCHED, LineState.IGNORED})
_OPEN = frozenset({LineState.PROPOSED, LineState.UNKNOWN})
_MOVES = {
    LineState.IMPORTED: _DECIDED | _OPEN,
    LineState.PROPOSED: _DECIDED,
    LineState.UNKNOWN: _DECIDED,
    LineState.MATCHED: _OPEN,
    LineState.IGNORED: _OPEN,
}


def _decide(line: BankLine, state: LineState, decision: LineDecision) -> BankLine:
    require_move(_MOVES, line.state, state)
    return replace(
        line,
        state=state,
        rule=decision.rule,
        evidence=decision.evidence,
        decided_by=decision.by,
        decided_at=decision.at,
        version=line.version + 1,
        updated_at=decision.at,
    )


def imported(line: BankLine) -> Iterator[Transfer]:
    """What a line books when it is imported: the bank's account is right at once, the other side suspense."""
    occasion = Occasion("bank_line", line.id, line.entry.booked_on, line.created_at)
    owner = str(line.bank_account_id)
    bank = account(line.workspace_id, AccountType.BANK, line.entry.currency, None, owner)
    suspense = account(line.workspace_id, AccountType.SUSPENSE, line.entry.currency, None, owner)
    return transfer(bank, suspense, line.entry.amount_minor, occasion)


def decided(
    line: BankLine, occasion: Occasion, method: str, *, is_undone: bool = False
) -> Iterator[Transfer]:
    """What a decision books: out of suspense, into what the payment brought or what the movement was."""
    workspace_id, currency = line.workspace_id, line.entry.currency
    suspense = account(workspace_id, AccountType.SUSPENSE, currency, None, str(line.bank_account_id))
    if line.ignored_as is None:
        target = account(workspace_id, AccountType.CASH, currency, None, method)
    else:
        target = account(workspace_id, AccountType(line.ignored_as), currency)
    amount_minor = -line.entry.amount_minor if is_undone else line.entry.amount_minor
    return transfer(suspense, target, amount_minor, occasion)
