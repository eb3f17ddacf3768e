"""SQL of what must always hold of money: each identity is recomputed from its rows by one statement.

An identity's query gives a row for each thing that it is about: `id` names it, `holds` says if it is right.
One statement sees one moment, so that a proof may run while payments come in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.payment.ledger.domain import DEBIT_ACCOUNTS
from shared.postgres.pool import Connection

_SHOWN = 10
# Sums by account, on the side that grows it.
_DEBIT = ", ".join(f"'{type_}'" for type_ in sorted(DEBIT_ACCOUNTS))
_BALANCE = f"""(
    SELECT workspace_id, currency, type, contact_id, method, sum(amount_minor) AS balance_minor FROM (
        SELECT a.workspace_id, a.currency, a.type, a.contact_id, a.method,
            CASE WHEN a.type IN ({_DEBIT}) THEN e.amount_minor
                ELSE -e.amount_minor END AS amount_minor
        FROM ledger_entry e JOIN ledger_account a
            ON a.workspace_id = e.workspace_id AND a.id = e.debit_account_id
        UNION ALL
        SELECT a.workspace_id, a.currency, a.type, a.contact_id, a.method,
            CASE WHEN a.type IN ({_DEBIT}) THEN -e.amount_minor
                ELSE e.amount_minor END
        FROM ledger_entry e JOIN ledger_account a
            ON a.workspace_id = e.workspace_id AND a.id = e.credit_account_id
    ) AS side GROUP BY 1, 2, 3, 4, 5
)"""
_LIVE = """coalesce((SELECT sum(live_minor) FROM allocation a
    WHERE a.workspace_id = {0}.workspace_id AND a.{1} = {0}.{2}), 0)"""


def _against_ledger(types: str, owner: str, expected: str) -> str:
    """What these accounts hold, by owner, beside what the rows of `expected` sum to."""
    return f"""
    SELECT workspace_id, {owner}::text || ' ' || currency AS id,
        coalesce(booked.minor, 0) = coalesce(known.minor, 0) AS holds
    FROM (SELECT workspace_id, {owner}, currency, sum(balance_minor) AS minor FROM {_BALANCE} AS b
        WHERE type IN ({types}) GROUP BY 1, 2, 3) AS booked
    FULL JOIN (SELECT workspace_id, {owner}, currency, sum(minor) AS minor FROM ({expected}) AS e
        GROUP BY 1, 2, 3) AS known USING (workspace_id, {owner}, currency)"""


IDENTITIES: Mapping[str, str] = {
    "debits = credits": """
        SELECT workspace_id, workspace_id::text || ' ' || currency AS id,
            sum(amount_minor) = coalesce(sum(amount_minor) FILTER (WHERE debit IS NOT NULL), 0)
            AND sum(amount_minor) = coalesce(sum(amount_minor) FILTER (WHERE credit IS NOT NULL), 0) AS holds
        FROM (
            SELECT e.workspace_id, e.currency, e.amount_minor, d.id AS debit, c.id AS credit
            FROM ledger_entry e
            LEFT JOIN ledger_account d ON d.workspace_id = e.workspace_id AND d.id = e.debit_account_id
                AND d.currency = e.currency
            LEFT JOIN ledger_account c ON c.workspace_id = e.workspace_id AND c.id = e.credit_account_id
                AND c.currency = e.currency
        ) AS sides GROUP BY workspace_id, currency""",
    # What ledger_account_id() does, which called for each row takes three times as long.
    "an account is what its id says": """
        SELECT workspace_id, id::text,
            id = encode(substr(sha256(convert_to(workspace_id::text || ':' || type || ':' || currency || ':'
                || coalesce(contact_id::text, method, ''), 'UTF8')), 1, 16), 'hex')::uuid AS holds
        FROM ledger_account""",
    "allocations + unallocated + refunds + disputes = payment": f"""
        SELECT workspace_id, id::text, CASE WHEN state = 'succeeded' THEN amount_minor ELSE 0 END
            + overdrawn_minor
            = {_LIVE.format("p", "payment_id", "id")} + unallocated_minor + refunded_minor + disputed_minor
            AS holds
        FROM payment p""",
    "disputed = disputes that were not won": """
        SELECT workspace_id, id::text, disputed_minor = coalesce((SELECT sum((d ->> 'taken_minor')::bigint)
            FROM jsonb_array_elements(disputes) AS d WHERE d ->> 'status' <> 'won'), 0) AS holds
        FROM payment""",
    "refunded = refunds that did not fail": """
        SELECT workspace_id, id::text, refunded_minor = coalesce((SELECT sum(amount_minor) FROM refund r
            WHERE r.workspace_id = p.workspace_id AND r.payment_id = p.id AND r.state <> 'failed'), 0)
            AS holds
        FROM payment p""",
    "paid = allocations": f"""
        SELECT workspace_id, invoice_id::text AS id,
            paid_minor = {_LIVE.format("r", "invoice_id", "invoice_id")} AS holds
        FROM receivable r""",
    "allocations + credits + write-off ≤ total": f"""
        SELECT workspace_id, invoice_id::text AS id, total_minor >= credited_minor + written_off_minor
            + {_LIVE.format("r", "invoice_id", "invoice_id")} AS holds
        FROM receivable r""",
    "credited = credit notes": """
        SELECT workspace_id, invoice_id::text AS id, credited_minor = coalesce((SELECT sum(n.total_minor)
            FROM credit_note n
            WHERE n.workspace_id = r.workspace_id AND n.invoice_id = r.invoice_id), 0) AS holds
        FROM receivable r WHERE status <> 'closed'""",
    "an allocation is between one contact's payment and invoice": """
        SELECT a.workspace_id, a.id::text,
            p.contact_id = r.contact_id AND p.currency = r.currency AS holds
        FROM allocation a JOIN payment p ON p.workspace_id = a.workspace_id AND p.id = a.payment_id
        JOIN receivable r ON r.workspace_id = a.workspace_id AND r.invoice_id = a.invoice_id
        WHERE a.live_minor > 0""",
    "credit balance = unallocated": """
        SELECT workspace_id, contact_id::text || ' ' || currency AS id,
            coalesce(amount_minor, 0) = coalesce(unallocated, 0) AS holds
        FROM credit_balance FULL JOIN (SELECT workspace_id, contact_id, currency,
            sum(unallocated_minor) AS unallocated FROM payment GROUP BY 1, 2, 3) AS money
            USING (workspace_id, contact_id, currency)""",
    "ledger credit balance = unallocated": _against_ledger(
        "'credit_balance'",
        "contact_id",
        "SELECT workspace_id, contact_id, currency, unallocated_minor AS minor FROM payment",
    ),
    "ledger accounts receivable = due": _against_ledger(
        "'accounts_receivable'",
        "contact_id",
        """SELECT workspace_id, contact_id, currency,
            total_minor - paid_minor - credited_minor - written_off_minor AS minor
        FROM receivable WHERE status <> 'closed'""",
    ),
    "ledger refunds payable = pending refunds": _against_ledger(
        "'refunds_payable'",
        "contact_id",
        """SELECT workspace_id, contact_id, currency, amount_minor AS minor
        FROM refund WHERE state = 'pending'""",
    ),
    "ledger overdrawn = overdrawn payments": _against_ledger(
        "'overdrawn'",
        "contact_id",
        "SELECT workspace_id, contact_id, currency, overdrawn_minor AS minor FROM payment",
    ),
    "ledger cash = payments − refunds − disputes − bank lines": _against_ledger(
        "'cash'",
        "method",
        """SELECT workspace_id, method, currency, amount_minor - disputed_minor AS minor
        FROM payment p WHERE state = 'succeeded' AND NOT EXISTS (SELECT FROM released_credit c
            WHERE c.workspace_id = p.workspace_id AND c.payment_id = p.id)
        UNION ALL
        SELECT workspace_id, method, currency, -amount_minor FROM refund WHERE state = 'succeeded'
        UNION ALL
        SELECT l.workspace_id, p.method, l.currency, -l.amount_minor FROM bank_line l
        JOIN payment p ON p.workspace_id = l.workspace_id AND p.id = l.payment_id""",
    ),
    "ledger bank = lines": _against_ledger(
        "'bank'",
        "method",
        """SELECT workspace_id, bank_account_id::text AS method, currency, amount_minor AS minor
        FROM bank_line""",
    ),
    "ledger suspense = lines that nothing was decided of": _against_ledger(
        "'suspense'",
        "method",
        """SELECT workspace_id, bank_account_id::text AS method, currency, amount_minor AS minor
        FROM bank_line WHERE state NOT IN ('matched', 'ignored')""",
    ),
    "ledger bank charges and unrelated = lines ignored as such": _against_ledger(
        "'bank_charges', 'unrelated'",
        "type",
        """SELECT workspace_id, ignored_as AS type, currency,
            CASE ignored_as WHEN 'bank_charges' THEN -amount_minor ELSE amount_minor END AS minor
        FROM bank_line WHERE ignored_as IS NOT NULL""",
    ),
    "a matched line is one payment of its amount": """
        SELECT l.workspace_id, l.id::text, p.amount_minor = l.amount_minor AND p.currency = l.currency
            AND p.state = 'succeeded' AS holds
        FROM bank_line l LEFT JOIN payment p ON p.workspace_id = l.workspace_id AND p.id = l.payment_id
        WHERE l.payment_id IS NOT NULL""",
    "ledger write-off = written off": _against_ledger(
        "'write_off'",
        "type",
        "SELECT workspace_id, 'write_off' AS type, currency, written_off_minor AS minor FROM receivable",
    ),
    "ledger revenue and tax = invoices − credit notes − released credit": _against_ledger(
        "'revenue', 'tax_payable'",
        "type",
        """SELECT workspace_id, 'tax_payable' AS type, currency,
            coalesce(tax_minor, 0) - credited_tax_minor AS minor
        FROM receivable WHERE status <> 'closed'
        UNION ALL
        SELECT workspace_id, 'revenue', currency,
            total_minor - coalesce(tax_minor, 0) - credited_minor + credited_tax_minor
        FROM receivable WHERE status <> 'closed'
        UNION ALL
        SELECT workspace_id, 'tax_payable', currency, -tax_minor FROM released_credit
        UNION ALL
        SELECT workspace_id, 'revenue', currency, tax_minor - amount_minor FROM released_credit""",
    ),
    "released credit = the payment that holds it": """
        SELECT coalesce(c.workspace_id, p.workspace_id) AS workspace_id,
            coalesce(c.subscription_id, p.subscription_id)::text AS id,
            c.payment_id = p.id AND c.amount_minor = p.amount_minor AND c.currency = p.currency
            AND c.contact_id = p.contact_id AND p.state = 'succeeded' AND p.disputed_minor = 0 AS holds
        FROM released_credit c
        FULL JOIN (SELECT * FROM payment WHERE subscription_id IS NOT NULL AND invoice_id IS NULL) AS p
            ON p.workspace_id = c.workspace_id AND p.subscription_id = c.subscription_id""",
    "a collected payment has one collection": """
        SELECT coalesce(p.workspace_id, c.workspace_id) AS workspace_id,
            coalesce(p.id, c.payment_id)::text AS id, p.id IS NOT NULL
            AND c.payment_id IS NOT NULL AND p.amount_minor = c.amount_minor AND p.currency = c.currency
            AND p.invoice_id = c.invoice_id AND (p.state = 'succeeded') = (c.state = 'succeeded') AS holds
        FROM (SELECT * FROM payment WHERE invoice_id IS NOT NULL AND provider IS NOT NULL) AS p
        FULL JOIN (SELECT workspace_id, payment_id, amount_minor, currency, invoice_id, state FROM collection)
            AS c (workspace_id, payment_id, amount_minor, currency, invoice_id, state)
            ON p.workspace_id = c.workspace_id AND p.id = c.payment_id""",
    "a provider's charge is one payment": """
        SELECT workspace_id, provider || ' ' || provider_reference AS id, count(*) = 1 AS holds
        FROM payment WHERE provider_reference IS NOT NULL
        GROUP BY workspace_id, provider, provider_reference""",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """How an identity stands: of how many things it holds, and which of the others there are."""

    name: str
    checked_count: int
    fault_count: int
    faults: list[str]

    @property
    def holds(self) -> bool:
        """Whether it holds of all of them."""
        return self.fault_count == 0


async def check(tx: Connection, name: str, workspace_id: UUID | None) -> Finding:
    """Recompute one identity for one workspace or for all."""
    row = await tx.fetchrow(
        f"""SELECT count(*), count(*) FILTER (WHERE holds IS NOT TRUE),
            (array_agg(id ORDER BY id) FILTER (WHERE holds IS NOT TRUE))[1:{_SHOWN}]
        FROM ({IDENTITIES[name]}) AS identity WHERE $1::uuid IS NULL OR workspace_id = $1""",
        workspace_id,
    )
    assert row is not None
    return Finding(name, row[0], row[1], row[2] or [])
