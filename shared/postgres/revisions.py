"""Which services have migrations here, and which revision is the newest of each."""

from functools import cache
from pathlib import Path

from shared.postgres.roles import SERVICES

SERVICES_DIRECTORY = Path(__file__).parents[2] / "services"


def services_here() -> list[str]:
    """The services in this checkout that have migrations."""
    return [name for name in SERVICES if _revisions(name)]


@cache
def head(service: str) -> str:
    """The newest revision of the service: the number that its last migration's file name begins with.

    Raises LookupError for a service without migrations.
    """
    found = _revisions(service)
    if not found:
        raise LookupError(f"services/{service}/migrations holds no revision")
    return found[-1].stem.partition("_")[0]


def _revisions(service: str) -> list[Path]:
    return sorted((SERVICES_DIRECTORY / service / "migrations").glob("[0-9]*.py"))
