"""`make lint`: every rule for every file; leaves with 1 when one of them finds something."""

import asyncio
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from deploy.local.console import Console
from deploy.local.paths import REPOSITORY
from deploy.quality.steps import Step, python, run_all, tool

MIGRATIONS = ("services/*/migrations/*.sql", "shared/postgres/tables/*.sql")
COMPOSE_FILE = "docker-compose.yml"


def main() -> int:
    console = Console()
    failed = asyncio.run(run_all(console, everything()))
    console.line(f"  {', '.join(failed)} found something" if failed else "  nothing found")
    return int(bool(failed))


def everything() -> list[Step]:
    """The steps, what takes longest first."""
    return [types(), rules(), imports(), squawk(migrations()), *ruff(["."]), compose(), sdks()]


def types() -> Step:
    """mypy, strict. It keeps what it knows in .mypy_cache, so the second time takes seconds."""
    return Step("types", "mypy, all modules but tests", tool("mypy", "--no-error-summary"))


def typed(paths: Iterable[str]) -> list[str]:
    """Those of these files that mypy looks at, as pyproject.toml says: of tests, what they stand on."""
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["mypy"]
    folders = tuple(f"{folder}/" for folder in settings["files"])
    return [path for path in paths if path.startswith(folders) and not re.search(settings["exclude"], path)]


def rules() -> Step:
    """What no linter knows: names of files, money, events, shared modules."""
    return Step("our rules", "deploy.lint, all modules", python("-m", "deploy.lint"), is_told=True)


def imports() -> Step:
    """Which part of the code may import which: the contracts of .importlinter."""
    return Step("imports", "import-linter, all modules", tool("lint-imports", "--no-cache", "--no-logo"))


def ruff(paths: list[str], detail: str = "ruff, all files") -> list[Step]:
    """Style and format of these files or folders."""
    style = ["check", "--quiet", "--force-exclude", *paths]
    form = ["format", "--quiet", "--check", "--force-exclude", *paths]
    return [
        Step("style", detail, tool("ruff", *style), "`make format` mends most of it"),
        Step("format", detail, tool("ruff", *form), "`make format`"),
    ]


def squawk(paths: list[str]) -> Step:
    """Statements of migrations that would lock a table for long, or break the release before."""
    return Step("migrations", f"squawk, {len(paths)} files", tool("squawk", *paths))


def compose() -> Step:
    """The form of docker-compose.yml."""
    schema = ["--quiet", "--builtin-schema", "vendor.compose-spec"]
    return Step("compose file", COMPOSE_FILE, tool("check-jsonschema", *schema, COMPOSE_FILE))


def sdks() -> Step:
    """Whether the generated parts of the SDKs are what the description says."""
    return Step("SDKs", "generated parts", python("-m", "sdks.generator", "--check"), "`make sdks`")


def migrations() -> list[str]:
    """The SQL of every revision."""
    return sorted(str(path) for pattern in MIGRATIONS for path in Path().glob(pattern))


if __name__ == "__main__":
    sys.exit(main())
