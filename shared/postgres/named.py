"""Statements whose parameters have names: `:contact_id` instead of the 47th of `$1` … `$47`."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from shared.postgres.pool import Connection, Row

# A cast has two colons; a name after a digit or a word is a slice's or a time's.
_NAME = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


class Statement:
    """SQL with `:names`, compiled once to the `$1` … that Postgres reads; a name may stand in it twice.

    A value comes from a keyword, or else from the record's attribute of that name.
    """

    __slots__ = ("names", "sql")

    def __init__(self, text: str) -> None:
        places: dict[str, int] = {}
        self.sql = _NAME.sub(lambda match: f"${places.setdefault(match[1], len(places) + 1)}", text)
        self.names = tuple(places)

    def values(self, record: object = None, /, **given: object) -> list[object]:
        """The values in the order of their places; raises TypeError for one that is missing or unknown."""
        if unknown := given.keys() - set(self.names):
            raise TypeError(f"the statement has no parameter {', '.join(sorted(unknown))}")
        try:
            return [given[name] if name in given else getattr(record, name) for name in self.names]
        except AttributeError as error:
            raise TypeError(f"the statement's parameter {error.name} has no value") from error

    def columns(self, records: Iterable[object], /, **given: object) -> list[object]:
        """The same with a list for each name that no keyword gives: for `unnest(:id::uuid[], …)`."""
        rows = list(records)
        lists = {name: [getattr(row, name) for row in rows] for name in self.names if name not in given}
        return self.values(**lists, **given)

    async def execute(self, tx: Connection, record: object = None, /, **given: object) -> str:
        """Run it; what Postgres says was done."""
        done: str = await tx.execute(self.sql, *self.values(record, **given))
        return done

    async def execute_many(self, tx: Connection, records: Iterable[object], /, **given: object) -> str:
        """Run it once for all of the records, of which it takes the columns."""
        done: str = await tx.execute(self.sql, *self.columns(records, **given))
        return done

    async def fetch_many(self, tx: Connection, records: Iterable[object], /, **given: object) -> list[Row]:
        """Its rows, run once for all of the records, of which it takes the columns."""
        rows: list[Row] = await tx.fetch(self.sql, *self.columns(records, **given))
        return rows

    async def fetch(self, tx: Connection, record: object = None, /, **given: object) -> list[Row]:
        """Its rows."""
        rows: list[Row] = await tx.fetch(self.sql, *self.values(record, **given))
        return rows

    async def fetchrow(self, tx: Connection, record: object = None, /, **given: object) -> Row | None:
        """Its first row; None where there is none."""
        return await tx.fetchrow(self.sql, *self.values(record, **given))

    async def fetchval(self, tx: Connection, record: object = None, /, **given: object) -> Any:
        """The first column of its first row."""
        return await tx.fetchval(self.sql, *self.values(record, **given))


@lru_cache(maxsize=2_048)
def compile_statement(text: str) -> Statement:
    """The statement of a text that is put together, compiled once."""
    return Statement(text)


def places(names: Iterable[str]) -> str:
    """`:a, :b`, for the columns `a, b`."""
    return ", ".join(f":{name}" for name in names)


def merge_values(*values: Mapping[str, object]) -> dict[str, object]:
    """The values of several parts of a statement; raises TypeError where two parts mean different ones."""
    values_by_name: dict[str, object] = {}
    for part in values:
        for name, value in part.items():
            if name in values_by_name and values_by_name[name] != value:
                raise TypeError(f"two parts of a statement give :{name} different values")
            values_by_name[name] = value
    return values_by_name
