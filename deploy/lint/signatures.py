"""No `Any` in a signature where we know better: only JSON of the world outside is of no certain type."""

import ast
from collections.abc import Iterator
from pathlib import Path

from deploy.lint.layers import layer_of
from deploy.lint.sources import Source, sources, statements

# Layers that read and write other people's JSON.
EDGES = ("dialects", "providers", "channels")


def faults(root: Path) -> list[str]:
    """Every function of a service that takes or gives `Any`."""
    return [
        f"{source.path}:{line}: {name}() says Any"
        for source in sources(root, "services")
        if layer_of(source.path.with_suffix("").parts[2:]) not in EDGES
        for line, name in _vague(source)
    ]


def _vague(source: Source) -> Iterator[tuple[int, str]]:
    for node in statements(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            annotations = [node.returns, *(argument.annotation for argument in arguments)]
            if any(_says_any(annotation) for annotation in annotations if annotation):
                yield node.lineno, node.name


def _says_any(annotation: ast.expr) -> bool:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    # What a coroutine is sent and yields concerns nobody: its first two types are Any everywhere.
    coroutines = {
        id(part)
        for node in ast.walk(annotation)
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Coroutine"
        for part in ast.walk(node.slice)
    }
    return any(
        isinstance(node, ast.Name) and node.id == "Any" and id(node) not in coroutines
        for node in ast.walk(annotation)
    )
