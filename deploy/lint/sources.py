"""The Python files of a checkout, parsed once, and which modules each of them imports."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

FOLDERS = ("shared", "services", "deploy", "tests")


@dataclass(frozen=True)
class Source:
    """One file: its path below the root, its module name and its text."""

    root: Path
    path: Path

    @cached_property
    def name(self) -> str:
        """The module's name: `services.invoice.main`; a package is named without `__init__`."""
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def text(self) -> str:
        """The file's content."""
        return (self.root / self.path).read_text()

    @cached_property
    def tree(self) -> ast.Module:
        """The file's syntax tree."""
        return _parsed(self.text)


@dataclass(frozen=True)
class Import:
    """A module that a file imports, and on which line."""

    target: str
    line: int


def sources(root: Path, *folders: str) -> list[Source]:
    """Every Python file below these folders of `root`; below all of ours when none is named."""
    found = (path for folder in folders or FOLDERS for path in (root / folder).rglob("*.py"))
    return [Source(root, path.relative_to(root)) for path in sorted(found)]


def services(root: Path) -> list[str]:
    """The packages in `services/` of `root`."""
    return sorted(path.parent.name for path in (root / "services").glob("*/__init__.py"))


def imports(source: Source, known: set[str]) -> Iterator[Import]:
    """What the file imports of the modules in `known`, wherever in it the import stands."""
    for name, line in _imported(source.text):
        found = _longest(name, known)
        if found:
            yield Import(found, line)


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Every statement below this node with the parts that hold statements, and no expression.

    Definitions and imports are statements: `ast.walk` would look at fifteen times as many nodes for them.
    """
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        for name in _HOLD_STATEMENTS:
            waiting += getattr(node, name, None) or ()
        yield node


_HOLD_STATEMENTS = ("body", "orelse", "finalbody", "handlers", "cases")


# Several rules read the same files, and tests read them again in copies.
@lru_cache(maxsize=4096)
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@lru_cache(maxsize=4096)
def _imported(text: str) -> tuple[tuple[str, int], ...]:
    """Names that a text imports, each with its line, in the order of the lines."""
    found = []
    for node in statements(_parsed(text)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from package import name`: the name may be a module or something within the package.
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return tuple(sorted(found, key=lambda one: one[1]))


def _longest(name: str, known: set[str]) -> str:
    """The module that is meant by a dotted name: the longest beginning of it that is known, or ""."""
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name
