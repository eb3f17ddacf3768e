"""Which services have migrations here, which revision is the newest of each, and what each of them runs.

A revision is `services/<service>/migrations/<number>_<what>.sql`. A line `-- include: outbox_v1` stands for
those files of `shared/postgres/tables`, which several services run; a released file never changes.
One whose first line is `-- outside a transaction` is run a statement at a time.
"""

import re
from functools import cache
from pathlib import Path

from shared.postgres.roles import SERVICES

SERVICES_DIRECTORY = Path(__file__).parents[2] / "services"
SHARED_TABLES = Path(__file__).parent / "tables"
_OUTSIDE = "-- outside a transaction\n"
_INCLUDE = re.compile(r"^-- include: (.+)$", re.MULTILINE)


def services_here() -> list[str]:
    """The services in this checkout that have migrations."""
    return [name for name in SERVICES if revisions(name)]


@cache
def head(service: str) -> str:
    """The newest revision of the service: the number that its last migration's file name begins with.

    Raises LookupError for a service without migrations.
    """
    found = revisions(service)
    if not found:
        raise LookupError(f"services/{service}/migrations holds no revision")
    return number(found[-1])


def revisions(service: str) -> list[Path]:
    """The service's revisions in the order in which they run."""
    return sorted((SERVICES_DIRECTORY / service / "migrations").glob("[0-9]*.sql"))


def number(revision: Path) -> str:
    """What the version table says once it has run: `0001`."""
    return revision.stem.partition("_")[0]


def sql(revision: Path) -> str:
    """All that the revision runs; raises FileNotFoundError where it includes what is not there."""
    return _INCLUDE.sub(lambda line: _include(line.group(1)), revision.read_text())


def is_outside_transaction(revision: Path) -> bool:
    """Whether each of its statements is committed by itself: its first line says so."""
    return revision.read_text().startswith(_OUTSIDE)


def statements(revision: Path) -> list[str]:
    """Those of a revision that runs outside a transaction: each ends with a semicolon at a line's end."""
    return [
        text for text in re.split(r";[ \t]*$", sql(revision), flags=re.MULTILINE) if _says_something(text)
    ]


def _says_something(text: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("--") for line in text.splitlines())


def _include(names: str) -> str:
    return "\n".join((SHARED_TABLES / f"{name.strip()}.sql").read_text() for name in names.split(","))
