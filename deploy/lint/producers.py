"""Every event has a producer: code of exactly the service that its class names as `source`."""

import ast
from dataclasses import dataclass
from pathlib import Path

from deploy.lint.layers import layer_of
from deploy.lint.sources import Source, sources


@dataclass(frozen=True)
class EventClass:
    """What the file of an event class says about it."""

    name: str
    type: str
    source: str


def faults(root: Path) -> list[str]:
    """Every event that nobody makes, or that a service other than its source makes."""
    makers: dict[str, set[str]] = {}
    for source in sources(root, "services"):
        if layer_of(source.path.with_suffix("").parts[2:]) != "consumers":
            for name in _mentioned(source):
                makers.setdefault(name, set()).add(source.path.parts[1])
    return [
        f"{event.type}: made by {sorted(found) or 'nobody'}, its source is {event.source}"
        for event in event_classes(root)
        if (found := makers.get(event.name, set())) != {event.source.strip("/")}
    ]


def event_classes(root: Path) -> list[EventClass]:
    """The event classes in shared/events, read from its text."""
    found = []
    for source in sources(root, "shared/events"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                texts = _class_texts(node)
                if {"type", "source"} <= set(texts):
                    found.append(EventClass(node.name, texts["type"], texts["source"]))
    return found


def _class_texts(node: ast.ClassDef) -> dict[str, str]:
    return {
        statement.target.id: statement.value.value
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    }


def _mentioned(source: Source) -> set[str]:
    """Names that the file uses as values: an annotation makes no event."""
    finder = _Values()
    finder.visit(source.tree)
    return finder.names


class _Values(ast.NodeVisitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        self.names.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.names.add(node.attr)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        # An alias of types is an annotation with a name.
        if node.value and ast.unparse(node.annotation) != "TypeAlias":
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._visit_function(node)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        defaults = [value for value in (*node.args.defaults, *node.args.kw_defaults) if value]
        for part in (*node.decorator_list, *defaults, *node.body):
            self.visit(part)
