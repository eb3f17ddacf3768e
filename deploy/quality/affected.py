"""Which tests a change asks for, told from imports.

The rule: every test file that changed; and of the unit and contract tests, which need no servers, each that
imports a changed module itself, or a package whose `__init__` takes something from a changed module.
What a changed `conftest.py` gives is used by every test below it.
"""

from collections.abc import Iterable
from pathlib import Path

from deploy.lint.sources import Source, imports, sources

WITHOUT_SERVERS = ("tests/unit", "tests/contract")
WITH_SERVERS = ("tests/integration", "tests/journeys")


def affected(root: Path, changed: Iterable[Path]) -> dict[Path, str]:
    """Test files by path, each with the reason why it is run."""
    paths = set(changed)
    found = {path: "it changed" for path in paths if _is_test(path)}
    found |= {path: why for path, why in _by_import(root, paths).items() if path not in found}
    folders = [path.parent for path in paths if path.name == "conftest.py" and path.parts[0] == "tests"]
    for source in sources(root, *WITHOUT_SERVERS):
        if _is_test(source.path) and any(folder in source.path.parents for folder in folders):
            found.setdefault(source.path, "its conftest.py changed")
    return dict(sorted(found.items()))


def needs_servers(path: Path) -> bool:
    """Whether a test starts Postgres and Kafka."""
    return any(path.is_relative_to(folder) for folder in WITH_SERVERS)


def _by_import(root: Path, paths: set[Path]) -> dict[Path, str]:
    files = sources(root)
    known = {source.name for source in files}
    modules = {source.name for source in files if source.path in paths}
    modules |= _packages_of(modules, files, known)
    tests = [source for source in files if _is_test(source.path) and not needs_servers(source.path)]
    found = {}
    for test in tests:
        hit = next((one.target for one in imports(test, known) if one.target in modules), None)
        if hit:
            found[test.path] = f"imports {hit}"
    return found


def _packages_of(modules: set[str], files: list[Source], known: set[str]) -> set[str]:
    """Packages that hand on what lies in these modules, which are inside of them."""
    packages = [source for source in files if source.path.name == "__init__.py" and source.text.strip()]
    found: set[str] = set()
    # From the inside out: a package within a package is handed on by both.
    for package in sorted(packages, key=lambda source: -len(source.path.parts)):
        inside = {one for one in modules | found if one.startswith(f"{package.name}.")}
        if inside & {one.target for one in imports(package, known)}:
            found.add(package.name)
    return found


def _is_test(path: Path) -> bool:
    return path.parts[0] == "tests" and path.name.startswith("test_") and path.suffix == ".py"
