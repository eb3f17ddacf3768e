"""Lists: typed filters become conditions, with the page and the count of what they find.

A filter is a field of a frozen dataclass, annotated with its condition:

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Filter:
        status: Annotated[Sequence[str] | None, where("status = ANY(:status)")] = None
        q: Annotated[str | None, where("name ILIKE :q", q=anywhere)] = None

Only those that are given become SQL, so that each set of them has a plan of its own, along its own index;
values are always parameters. A field without a condition is one that others' conditions name (`:today`);
`:workspace_id` is the list's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, Generic, TypeVar, get_type_hints
from uuid import UUID

from shared.kernel.unset import UNSET
from shared.postgres.named import Statement, compile_statement, merge_values
from shared.postgres.pool import Connection, Row

F = TypeVar("F")
_KNOWN: "dict[type, dict[str, Condition]]" = {}
_OWN: Final = frozenset({"workspace_id", "after", "limit", "offset"})


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a list: so many after the one with an id, or behind so many others."""

    after: UUID | None = None
    limit: int = 100
    offset: int = 0


class Condition:
    """What a filter means in SQL; its parameters are the values of fields, or what is made of its own."""

    __slots__ = ("made", "names", "sql")

    def __init__(self, sql: str, made: Mapping[str, Callable[[Any], object]]) -> None:
        self.sql, self.made, self.names = sql, dict(made), Statement(sql).names


def where(sql: str, **made: Callable[[Any], object]) -> Condition:
    """The condition of a filter; `q=anywhere` has `:q` be `anywhere(value)`."""
    return Condition(f"({sql})", made)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions joined by AND, and their values; `str()` is the SQL."""

    sql: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        return self.sql


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

    async def page(self, tx: Connection, workspace_id: UUID | None, wanted: F, window: Window) -> list[Row]:
        """The rows of this part of the list."""
        given, part = self.where(workspace_id, wanted), self.part(window)
        text = f"SELECT {self.columns} FROM {self.source} WHERE {given}{part}"
        return await compile_statement(text).fetch(tx, **merge_values(given.values, part.values))

    async def count(self, tx: Connection, workspace_id: UUID | None, wanted: F) -> int:
        """How many rows there are."""
        given = self.where(workspace_id, wanted)
        text = f"SELECT count(*) FROM {self.source} WHERE {given}"
        return int(await compile_statement(text).fetchval(tx, **given.values))

    def part(self, window: Window) -> Conditions:
        """How a statement with conditions ends, for one of one's own: cursor, order, limit and offset."""
        values: dict[str, object] = {"limit": window.limit, "offset": window.offset}
        after = ""
        if window.after is not None:
            values["after"], after = window.after, f" AND {self.key} < :after"
        return Conditions(f"{after} ORDER BY {self.key} DESC LIMIT :limit OFFSET :offset", values)


def conditions(wanted: object) -> Conditions:
    """What the filters that are given ask for; `true` where none is."""
    sql: list[str] = []
    values: dict[str, object] = {}
    for name, condition in _conditions_of(type(wanted)).items():
        value = getattr(wanted, name)
        if value is None or value is UNSET:
            continue
        sql.append(condition.sql)
        for parameter in condition.names:
            if parameter == "workspace_id":
                continue
            if parameter in condition.made:
                values = merge_values(values, {parameter: condition.made[parameter](value)})
            else:
                values = merge_values(values, {parameter: getattr(wanted, parameter)})
    return Conditions(" AND ".join(sql) or "true", values)


def join_conditions(*parts: Conditions) -> Conditions:
    """All of these conditions."""
    return Conditions(
        " AND ".join(part.sql for part in parts), merge_values(*(part.values for part in parts))
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
