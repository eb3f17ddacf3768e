"""Counters of document numbers, and which numbers stand on documents."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from services.invoice.numbers.domain import Format
from shared.postgres.pool import Connection

_TAKE = """
INSERT INTO number_counter (workspace_id, series, year, last_number)
SELECT workspace_id, $2, year, count FROM unnest($1::uuid[], $3::smallint[], $4::bigint[])
    AS requested (workspace_id, year, count) ORDER BY workspace_id, year
ON CONFLICT (workspace_id, series, year) DO UPDATE
SET last_number = number_counter.last_number + excluded.last_number
RETURNING workspace_id, year, last_number
"""
_SKIP = """
UPDATE number_counter SET skipped_count = skipped_count + $4, last_number = last_number + $4
WHERE workspace_id = $1 AND series = $2 AND year = $3
"""
_RAISE = """
INSERT INTO number_counter (workspace_id, series, year, last_number, skipped_count)
SELECT $1, $2, year, last, last FROM unnest($3::smallint[], $4::bigint[]) AS reached (year, last)
ORDER BY year
ON CONFLICT (workspace_id, series, year) DO UPDATE
SET last_number = excluded.last_number,
    skipped_count = number_counter.skipped_count + excluded.last_number - number_counter.last_number
WHERE number_counter.last_number < excluded.last_number
"""
# A lookup in each unique index, whatever the planner believes of the tables.
_STANDING = """
SELECT workspace_id, number FROM unnest($1::uuid[], $2::text[]) AS w (workspace_id, number)
WHERE EXISTS (SELECT FROM invoice i WHERE (i.workspace_id, i.number) = (w.workspace_id, w.number))
   OR EXISTS (SELECT FROM credit_note c WHERE (c.workspace_id, c.number) = (w.workspace_id, w.number))
   OR EXISTS (SELECT FROM quote q WHERE (q.workspace_id, q.number) = (w.workspace_id, w.number))
"""
# Numbers that are longer than a counter can hold are nobody's neighbours.
_REACHED = """
WITH found AS (
    SELECT regexp_match(number, $2) AS parts FROM (
        SELECT number FROM invoice WHERE workspace_id = $1 AND number IS NOT NULL
        UNION ALL SELECT number FROM credit_note WHERE workspace_id = $1
        UNION ALL SELECT number FROM quote WHERE workspace_id = $1 AND number IS NOT NULL) AS every
)
SELECT CASE WHEN $3 = 0 THEN 0 ELSE parts[$3]::smallint END AS year, max(parts[$4]::bigint) AS last
FROM found WHERE parts IS NOT NULL AND length(parts[$4]) <= 12 GROUP BY 1
"""


async def take(
    tx: Connection, series: str, counts: Mapping[tuple[UUID, int], int]
) -> dict[tuple[UUID, int], range]:
    """The next numbers of the series, so many for each (workspace, year).

    Locks the series until the transaction ends, so it is the last step before saving: no gap, no wait. Takes
    its locks in the order of workspaces and years, so that two batches cannot deadlock.
    """
    keys = sorted(counts)
    rows = await tx.fetch(
        _TAKE,
        [workspace_id for workspace_id, _ in keys],
        series,
        [year for _, year in keys],
        [counts[key] for key in keys],
    )
    lasts = {(row["workspace_id"], row["year"]): row["last_number"] for row in rows}
    return {key: range(lasts[key] - count + 1, lasts[key] + 1) for key, count in counts.items()}


async def skip(tx: Connection, workspace_id: UUID, series: str, year: int, count: int) -> None:
    """Pass over so many numbers of a series that the caller has locked: they stand on documents already."""
    await tx.execute(_SKIP, workspace_id, series, year, count)


async def go_on_after(tx: Connection, workspace_id: UUID, series: str, reached: Mapping[int, int]) -> None:
    """Let each year's counter go on after the number that was reached; one that is further stays."""
    await tx.execute(_RAISE, workspace_id, series, list(reached), list(reached.values()))


async def standing(tx: Connection, numbers: Iterable[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Those (workspace, number) that an invoice, a draft included, a credit note or a quote has."""
    pairs = list(numbers)
    rows = await tx.fetch(_STANDING, [workspace_id for workspace_id, _ in pairs], [text for _, text in pairs])
    return {(row["workspace_id"], row["number"]) for row in rows}


async def stands_elsewhere(tx: Connection, workspace_id: UUID, number: str) -> bool:
    """Whether a credit note or a quote has this number."""
    stands: bool = await tx.fetchval(
        """SELECT EXISTS (SELECT FROM credit_note WHERE workspace_id = $1 AND number = $2)
            OR EXISTS (SELECT FROM quote WHERE workspace_id = $1 AND number = $2)""",
        workspace_id,
        number,
    )
    return stands


async def reached(tx: Connection, workspace_id: UUID, format_: Format) -> dict[int, int]:
    """By year (0 where the format has none) the highest sequence that documents have in this format."""
    year_at = 0 if not format_.has_year else (1 if format_.is_year_first else 2)
    sequence_at = 2 if format_.is_year_first else 1
    rows = await tx.fetch(_REACHED, workspace_id, format_.pattern, year_at, sequence_at)
    return {row["year"]: row["last"] for row in rows}


async def last(tx: Connection, workspace_id: UUID, series: str, year: int) -> int:
    """The last number given out or passed over in the series and year; 0 before the first."""
    last_number: int | None = await tx.fetchval(
        "SELECT last_number FROM number_counter WHERE workspace_id = $1 AND series = $2 AND year = $3",
        workspace_id,
        series,
        year,
    )
    return last_number or 0
