"""Lists: typed filters become conditions, with the page and the count of what they find.

A filter is a field of a frozen dataclass, annotated with its condition:

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Filter:
        status: Annotated[Sequence[str] | None, where("status = ANY(:status)")] = None
        contact_id: Annotated[UUID | None, in_order("contact_id = :contact_id")] = None

Only those that are given become SQL, so that each set of them has a plan of its own, along its own index;
values are always parameters. A field without a condition is one that others' conditions name (`:today`);
`:workspace_id` is the list's.

However long a list is, a page of it is found in one of three ways. What has an index in the list's own
order (`in_order`) is read along it. Else the newest rows are looked through, among which most pages are
full soon; and where they are not, what the conditions find by their indexes is put in order. A condition
that spans several indexes says where the rows are that may satisfy it (`found_in`).
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar, get_type_hints
from uuid import UUID

from shared.kernel.unset import UNSET
from shared.postgres.named import Statement, compile_statement, merge_values
from shared.postgres.pool import Connection, Row

F = TypeVar("F")
R = TypeVar("R")
S = TypeVar("S")
_KNOWN: "dict[type, dict[str, Condition]]" = {}
_OWN: Final = frozenset({"workspace_id", "after", "limit", "offset"})
COUNTED_AT_MOST: Final = 100_000
"""A longer list is estimated, unless its exact length is asked for."""
_ANY: Final = object()
# Rows of the list's newest that are looked through: a few milliseconds, also where each is compared by words.
_NEWEST, _NEWEST_COMPARED = 5_000, 1_000
# Rows that are put in order at once, without a look at the newest.
_FEW = 2_000
# Offsets from which rows are skipped in an index alone.
_DEEP = 500


class Total(StrEnum):
    """Whether the length of a list is asked for, and how well it is to be known."""

    NONE = "none"
    ESTIMATED = "estimated"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a list: so many after the one with an id, or behind so many others; and its length."""

    after: UUID | None = None
    limit: int = 100
    offset: int = 0
    total: Total = Total.NONE


@dataclass(frozen=True, slots=True)
class Found(Generic[R]):
    """Rows of a part of a list, and how long all of it is, where that was asked for."""

    rows: Sequence[R]
    total: int | None = None
    is_estimate: bool = False

    def of(self, rows: Sequence[S]) -> "Found[S]":
        """The same part, with what was made of its rows."""
        return Found(rows, self.total, self.is_estimate)


class Condition:
    """What a filter means in SQL; its parameters are the values of fields, or what is made of its own."""

    __slots__ = ("by_value", "found_in", "is_in_order", "made", "names")

    def __init__(
        self,
        by_value: Mapping[object, str],
        made: Mapping[str, Callable[[Any], object]],
        *,
        found_in: str = "",
        is_in_order: bool = False,
    ) -> None:
        self.by_value, self.made, self.found_in = dict(by_value), dict(made), found_in
        self.is_in_order = is_in_order
        self.names = Statement(" ".join([*self.by_value.values(), found_in])).names

    def sql(self, value: object) -> str:
        """What it means of this value."""
        return self.by_value[_ANY if _ANY in self.by_value else value]


def where(sql: str, *, found_in: str = "", **made: Callable[[Any], object]) -> Condition:
    """The condition of a filter; `q=anywhere` has `:q` be `anywhere(value)`.

    `found_in` selects the keys of the rows that may satisfy it, whatever the others say.
    """
    return Condition({_ANY: f"({sql})"}, made, found_in=found_in)


def where_by(sql_by_value: Mapping[object, str]) -> Condition:
    """The condition of a filter of few values, one for each: partial indexes are found by such."""
    return Condition({value: f"({sql})" for value, sql in sql_by_value.items()}, {})


def in_order(sql: str) -> Condition:
    """The condition of a filter that has an index in the list's own order, or finds one row."""
    return Condition({_ANY: f"({sql})"}, {}, is_in_order=True)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions joined by AND, and their values; `str()` is the SQL.

    `found_in` is where the rows of one of them are; `is_in_order`, whether one has an index in that order.
    """

    sql: str
    values: Mapping[str, object]
    found_in: str = ""
    is_in_order: bool = False

    def __str__(self) -> str:
        return self.sql

    async def fetch(self, tx: Connection, text: str, **more: object) -> list[Row]:
        """The rows of a statement that these stand in, with those of the values that it names."""
        statement, values = compile_statement(text), merge_values(self.values, more)
        return await statement.fetch(tx, **{name: values[name] for name in statement.names})


@dataclass(frozen=True, slots=True)
class Listing(Generic[F]):
    """A list of rows, newest first, by the filters of a dataclass.

    `source` is what stands behind FROM, `key` orders it and is what a cursor holds, `scope` is the condition
    of the workspace; without one, give None as workspace.
    """

    filters: type[F]
    source: str
    columns: str
    key: str = "id"
    scope: str = "workspace_id = :workspace_id"

    def __post_init__(self) -> None:
        _conditions_of(self.filters)

    def where(self, workspace_id: UUID | None, wanted: F) -> Conditions:
        """What the workspace's rows of this list must be, for a statement of one's own."""
        if workspace_id is None:
            return conditions(wanted)
        scope = Conditions(self.scope, {"workspace_id": workspace_id})
        found = conditions(wanted)
        return join_conditions(scope, found) if found.values or found.sql != "true" else scope

    async def find(
        self, tx: Connection, workspace_id: UUID | None, wanted: F, window: Window, make: Callable[[Row], R]
    ) -> Found[R]:
        """This part of the list, and its length where that is asked for."""
        rows = [make(row) for row in await self.page(tx, workspace_id, wanted, window)]
        if window.total is Total.NONE:
            return Found(rows)
        given = self.where(workspace_id, wanted)
        if window.total is Total.EXACT:
            return Found(rows, await self._length(tx, given))
        at_most = _FEW if given.found_in else COUNTED_AT_MOST
        counted = await self._length(tx, given, at_most + 1)
        is_estimate = counted > at_most
        return Found(rows, await self._estimate(tx, given, counted) if is_estimate else counted, is_estimate)

    async def page(self, tx: Connection, workspace_id: UUID | None, wanted: F, window: Window) -> list[Row]:
        """The rows of this part of the list."""
        given, is_one_table = self.where(workspace_id, wanted), re.fullmatch(r"\w+", self.source)
        if not is_one_table or str(given) in ("true", self.scope):
            is_deep = is_one_table and window.offset >= _DEEP
            return await (self._by_index if is_deep else self._in_order)(tx, given, window)
        # A plan that is made for no value in particular would take a rare one for a common one.
        await tx.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        if given.is_in_order:
            return await self._in_order(tx, given, window)
        if not given.found_in or await self._candidates(tx, given, _FEW) == _FEW:
            rows = await self._among_newest(tx, given, window)
            if len(rows) == window.limit:
                return rows
        return await self._by_index(tx, given, window)

    async def count(self, tx: Connection, workspace_id: UUID | None, wanted: F) -> int:
        """How many rows there are, each counted."""
        return await self._length(tx, self.where(workspace_id, wanted))

    def part(self, window: Window) -> Conditions:
        """How a statement with conditions ends, for one of one's own: cursor, order, limit and offset."""
        after, value = self._after(window)
        values = {**value, "limit": window.limit, "offset": window.offset}
        return Conditions(f"{after} ORDER BY {self.key} DESC LIMIT :limit OFFSET :offset", values)

    def _after(self, window: Window) -> tuple[str, dict[str, object]]:
        return ("", {}) if window.after is None else (f" AND {self.key} < :after", {"after": window.after})

    def _scope(self, given: Conditions) -> str:
        return self.scope if "workspace_id" in given.values else "true"

    async def _in_order(self, tx: Connection, given: Conditions, window: Window) -> list[Row]:
        part = self.part(window)
        return await given.fetch(
            tx, f"SELECT {self.columns} FROM {self.source} WHERE {given}{part}", **part.values
        )

    async def _among_newest(self, tx: Connection, given: Conditions, window: Window) -> list[Row]:
        after, value = self._after(window)
        text = f"""SELECT {self.columns} FROM (
            SELECT * FROM {self.source} WHERE {self._scope(given)}{after}
            ORDER BY {self.key} DESC LIMIT :newest
        ) AS {self.source} WHERE {given} ORDER BY {self.key} DESC LIMIT :limit OFFSET :offset"""
        newest = _NEWEST_COMPARED if given.found_in else _NEWEST
        return await given.fetch(tx, text, **value, newest=newest, limit=window.limit, offset=window.offset)

    async def _by_index(self, tx: Connection, given: Conditions, window: Window) -> list[Row]:
        after, value = self._after(window)
        part = "LIMIT :limit OFFSET :offset"
        # What is found in several indexes may be found twice, and is compared where it is shown.
        distinct, held, skipped, shown = (
            ("DISTINCT", str(given), "", part) if given.found_in else ("", "true", part, "")
        )
        # OFFSET 0 keeps the planner from joining the other way round.
        text = f"""WITH found AS MATERIALIZED ({self._keys(given, after)})
        SELECT shown.* FROM (SELECT {distinct} key FROM found ORDER BY key DESC {skipped}) AS ordered
        CROSS JOIN LATERAL (SELECT {self.columns} FROM {self.source}
            WHERE {self._scope(given)} AND {self.key} = ordered.key AND {held} OFFSET 0) AS shown
        ORDER BY ordered.key DESC {shown}"""
        return await given.fetch(tx, text, **value, limit=window.limit, offset=window.offset)

    def _keys(self, given: Conditions, after: str = "") -> str:
        if given.found_in:
            return f"SELECT {self.key} AS key FROM ({given.found_in}) AS one ({self.key}) WHERE true{after}"
        return f"SELECT {self.key} AS key FROM {self.source} WHERE {given}{after}"

    async def _candidates(self, tx: Connection, given: Conditions, at_most: int) -> int:
        text = f"SELECT count(*) FROM (SELECT FROM ({given.found_in}) AS one LIMIT {at_most}) AS counted"
        return int((await given.fetch(tx, text))[0][0])

    async def _length(self, tx: Connection, given: Conditions, at_most: int | None = None) -> int:
        limit = "" if at_most is None else f"LIMIT {at_most}"
        text = f"SELECT FROM {self.source} WHERE {given} {limit}"
        if given.found_in:
            text = f"""SELECT FROM (SELECT DISTINCT key FROM ({self._keys(given)}) AS keys) AS ordered
            CROSS JOIN LATERAL (SELECT FROM {self.source} WHERE {self._scope(given)}
                AND {self.key} = ordered.key AND {given} OFFSET 0) AS held {limit}"""
        return int((await given.fetch(tx, f"SELECT count(*) FROM ({text}) AS counted"))[0][0])

    async def _estimate(self, tx: Connection, given: Conditions, at_least: int) -> int:
        """What the planner expects, from its statistics; of words the rows that have one of them."""
        if given.found_in:
            return max(at_least, await self._candidates(tx, given, COUNTED_AT_MOST))
        plan = await given.fetch(tx, f"EXPLAIN (FORMAT JSON) SELECT FROM {self.source} WHERE {given}")
        return max(at_least, int(json.loads(plan[0][0])[0]["Plan"]["Plan Rows"]))


def conditions(wanted: object) -> Conditions:
    """What the filters that are given ask for; `true` where none is."""
    sql: list[str] = []
    values: dict[str, object] = {}
    given: list[Condition] = []
    for name, condition in _conditions_of(type(wanted)).items():
        value = getattr(wanted, name)
        if value is None or value is UNSET:
            continue
        given.append(condition)
        sql.append(condition.sql(value))
        for parameter in condition.names:
            if parameter == "workspace_id":
                continue
            if parameter in condition.made:
                values = merge_values(values, {parameter: condition.made[parameter](value)})
            else:
                values = merge_values(values, {parameter: getattr(wanted, parameter)})
    found_in = next((condition.found_in for condition in given if condition.found_in), "")
    is_in_order = any(condition.is_in_order for condition in given)
    return Conditions(" AND ".join(sql) or "true", values, found_in, is_in_order)


def join_conditions(*parts: Conditions) -> Conditions:
    """All of these conditions."""
    return Conditions(
        " AND ".join(part.sql for part in parts),
        merge_values(*(part.values for part in parts)),
        next((part.found_in for part in parts if part.found_in), ""),
        any(part.is_in_order for part in parts),
    )


def _conditions_of(filters: type) -> dict[str, Condition]:
    """The conditions by field; raises TypeError for a field that none reads, or a name that is no field's."""
    if filters in _KNOWN:
        return _KNOWN[filters]
    if not is_dataclass(filters):
        raise TypeError(f"{filters.__name__} is no dataclass")
    names = [field.name for field in fields(filters)]
    hints = get_type_hints(filters, include_extras=True)
    found = {
        name: condition
        for name in names
        for condition in getattr(hints[name], "__metadata__", ())
        if isinstance(condition, Condition)
    }
    read = {parameter for condition in found.values() for parameter in condition.names}
    made = {parameter for condition in found.values() for parameter in condition.made}
    if lost := set(names) - found.keys() - read:
        raise TypeError(f"no condition of {filters.__name__} reads {', '.join(sorted(lost))}")
    if unknown := (read - made - {*names, "workspace_id"}) | (made - read):
        raise TypeError(f"{filters.__name__} has no field {', '.join(sorted(unknown))}")
    if taken := ((read - {"workspace_id"}) | made | set(names)) & _OWN:
        raise TypeError(f"{filters.__name__} takes the list's own {', '.join(sorted(taken))}")
    _KNOWN[filters] = found
    return found
