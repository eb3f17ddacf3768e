"""Lists on real Postgres find what a plain filter in Python finds, page by page, and count it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.ids import new_id
from shared.postgres.listing import Listing, Window, where
from shared.postgres.named import compile_statement, merge_values
from shared.postgres.transaction import Database

TODAY = date(2026, 2, 28)
TABLES = """
CREATE TEMPORARY TABLE bill (workspace_id uuid, id uuid, contact_id uuid, status text, due_date date,
    tags text[], name text) ON COMMIT DROP;
CREATE TEMPORARY TABLE person (workspace_id uuid, id uuid, name text) ON COMMIT DROP
"""


def anywhere(text: str) -> str:
    """A pattern for ILIKE that finds the text anywhere, its own wildcards taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A filter of each shape that the services' lists have."""

    today: date
    status: Annotated[Sequence[str] | None, where("status = ANY(:status)")] = None
    contact_id: Annotated[UUID | None, where("contact_id = :contact_id")] = None
    is_overdue: Annotated[bool | None, where("(status = 'open' AND due_date < :today) = :is_overdue")] = None
    due_from: Annotated[date | None, where("due_date >= :due_from")] = None
    due_before: Annotated[date | None, where("due_date < :due_before")] = None
    tag: Annotated[str | None, where(":tag = ANY(tags)")] = None
    q: Annotated[str | None, where("bill.name ILIKE :q OR person.name = :exact", q=anywhere, exact=str)] = (
        None
    )


@dataclass(frozen=True, slots=True)
class Bill:
    """A row of the list."""

    workspace_id: UUID
    id: UUID
    contact_id: UUID
    status: str
    due_date: date | None
    tags: Sequence[str]
    name: str


BILLS = Listing(
    Filter,
    "bill LEFT JOIN person ON person.workspace_id = bill.workspace_id AND person.id = contact_id",
    "bill.*",
    key="bill.id",
    scope="bill.workspace_id = :workspace_id",
)
INSERT = compile_statement(
    """INSERT INTO bill SELECT workspace_id, id, contact_id, status, due_date, string_to_array(tags, ' '),
        name
    FROM unnest(:workspace_id::uuid[], :id::uuid[], :contact_id::uuid[], :status::text[], :due_date::date[],
        :tags::text[], :name::text[]) AS new (workspace_id, id, contact_id, status, due_date, tags, name)"""
)
WORKSPACES = [new_id() for _ in range(2)]
CONTACTS = {new_id(): name for name in ("Acme", "50%_off", "O'Neill \\ Zoë")}
STATUSES = ("draft", "open", "paid")
days = st.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days))
names = st.sampled_from(["a%b", "a_b", "axb", "50% off", "Ünal", "back\\slash", ""])
bills = st.builds(
    Bill,
    workspace_id=st.sampled_from(WORKSPACES),
    id=st.builds(new_id),
    contact_id=st.sampled_from([*CONTACTS]),
    status=st.sampled_from(STATUSES),
    due_date=st.none() | days,
    tags=st.lists(st.sampled_from(["new", "vip"]), unique=True).map(tuple),
    name=names,
)
filters = st.builds(
    Filter,
    today=st.just(TODAY),
    status=st.none() | st.lists(st.sampled_from(STATUSES), unique=True),
    contact_id=st.none() | st.sampled_from([*CONTACTS]),
    is_overdue=st.none() | st.booleans(),
    due_from=st.none() | days,
    due_before=st.none() | days,
    tag=st.none() | st.sampled_from(["new", "vip", "none"]),
    q=st.none() | st.sampled_from(["%", "_", "A", "\\", "O'Neill \\ Zoë", "ü", "x' OR true --", ""]),
)


def is_found(bill: Bill, wanted: Filter) -> bool:
    """The same filters, said in Python; a condition on nothing known is not true, as in SQL."""
    due, q = bill.due_date, wanted.q
    is_overdue = bill.status == "open" and (None if due is None else due < wanted.today)
    return (
        (wanted.status is None or bill.status in wanted.status)
        and (wanted.contact_id is None or bill.contact_id == wanted.contact_id)
        and (wanted.is_overdue is None or is_overdue is wanted.is_overdue)
        and (wanted.due_from is None or (due is not None and due >= wanted.due_from))
        and (wanted.due_before is None or (due is not None and due < wanted.due_before))
        and (wanted.tag is None or wanted.tag in bill.tags)
        and (q is None or q.lower() in bill.name.lower() or CONTACTS[bill.contact_id] == q)
    )


@given(rows=st.lists(bills, max_size=25), wanted=filters, limit=st.integers(1, 7))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_a_list_finds_what_a_plain_filter_finds(
    worker: Database, rows: list[Bill], wanted: Filter, limit: int
) -> None:
    own = sorted((row for row in rows if row.workspace_id == WORKSPACES[0]), key=lambda row: row.id)
    expected = [row.id for row in reversed(own) if is_found(row, wanted)]
    async with worker.transaction() as tx:
        await fill(tx, rows)

        assert [id_ async for id_ in paged(tx, wanted, limit)] == expected
        assert await BILLS.count(tx, WORKSPACES[0], wanted) == len(expected)
        skipped = await BILLS.page(tx, WORKSPACES[0], wanted, Window(limit=limit, offset=2))
        assert [row["id"] for row in skipped] == expected[2 : 2 + limit]


async def fill(tx: Any, rows: Sequence[Bill]) -> None:
    """Store the rows and their contacts."""
    await tx.execute(TABLES)
    await INSERT.execute_many(tx, rows, tags=[" ".join(row.tags) for row in rows])
    for id_, name in CONTACTS.items():
        await tx.execute("INSERT INTO person VALUES ($1, $2, $3)", WORKSPACES[0], id_, name)


async def paged(tx: Any, wanted: Filter, limit: int) -> Any:
    """The ids of all pages, each begun behind the last row of the one before."""
    after = None
    while rows := await BILLS.page(tx, WORKSPACES[0], wanted, Window(after, limit)):
        for row in rows:
            yield row["id"]
        after = rows[-1]["id"]


async def test_a_statement_of_ones_own_takes_the_lists_conditions_and_its_part(worker: Database) -> None:
    rows = [
        Bill(WORKSPACES[0], new_id(), next(iter(CONTACTS)), status, TODAY, (), "Acme")
        for status in ("open", "paid", "open")
    ]
    async with worker.transaction() as tx:
        await fill(tx, rows)
        given_ = BILLS.where(WORKSPACES[0], Filter(today=TODAY, status=["open"]))
        part = BILLS.part(Window(limit=1))

        text = f"WITH found AS (SELECT bill.* FROM {BILLS.source} WHERE {given_}{part}) SELECT id FROM found"
        found = await compile_statement(text).fetchval(tx, **merge_values(given_.values, part.values))

    assert found == rows[2].id


async def test_each_set_of_filters_is_one_prepared_statement_whatever_its_values(worker: Database) -> None:
    async with worker.transaction() as tx:
        await fill(tx, [])
        for number in range(20):
            await BILLS.page(tx, new_id(), Filter(today=TODAY, q=str(number)), Window(new_id(), number + 1))
            await BILLS.page(
                tx, new_id(), Filter(today=TODAY, status=[str(number)]), Window(limit=number + 1)
            )

        prepared = await tx.fetch(
            "SELECT statement FROM pg_prepared_statements WHERE statement LIKE 'SELECT bill.* FROM%'"
        )

    assert len(prepared) == 2
