"""Rows of a workspace that has been in use for years, made by SQL in minutes; `prove` finds them right.

Of ten invoices seven are paid, one is paid in part, one twice, one is late; one of a thousand is void, one a
draft.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

_PART = re.compile(r"^-- part: (\w+)$", re.MULTILINE)
_ROWS = Path(__file__).parent / "growth_rows.sql"


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows; there are as many quotes, products and subscriptions as contacts."""

    rows: int = 1_000_000
    contacts: int = 300_000


def parts(workspace_id: UUID, size: Size) -> dict[str, str]:
    """The SQL of each part, by its name."""
    values = {
        ":workspace": f"'{workspace_id}'::uuid",
        ":rows": str(size.rows),
        ":contacts": str(size.contacts),
    }
    text = _ROWS.read_text()
    for mark, value in values.items():
        text = text.replace(mark, value)
    _, *found = _PART.split(text)
    return dict(zip(found[::2], found[1::2], strict=True))


async def load(dsn: str, workspace_id: UUID, size: Size, say: Callable[[str], None]) -> None:
    """Fill the workspace, as superuser, and have Postgres look at what is there."""
    connection = await asyncpg.connect(dsn)
    try:
        for name, text in parts(workspace_id, size).items():
            say(f"rows of {name}")
            await connection.execute(text)
        say("vacuum")
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()
