"""No `Any` in a signature where we know better: only JSON of the world outside is of no certain type."""

import ast
from collections.abc import Iterator
from pathlib import Path

from deploy.lint.layers import layer_of
from deploy.lint.sources import Source, sources, statements

# Layers of services that read and write other people's JSON.
EDGES = ("dialects", "providers", "channels")
# Files of shared/ that cannot say it better, each with why.
HOOKS = {
    "shared/http/fields.py": "pydantic's Field() gives Any: a default is of whatever type its field has",
    "shared/kernel/unset.py": "values of an edit have their fields' types, which only the edit's class knows",
    "shared/messaging/broker.py": "FastStream calls these with messages and reads their annotations",
    "shared/messaging/handlers.py": "a reaction to events of several classes takes whichever of them comes",
    "shared/messaging/work.py": "what a unit of a service has besides is of the types of its own fields",
    "shared/postgres/listing.py": "what makes a parameter of a filter takes whatever type that filter has",
    "shared/postgres/named.py": "a column's value has its column's type, which only the statement knows",
    "shared/runtime/protocol.py": "uvicorn makes its protocols with arguments of its own",
}


def faults(root: Path) -> list[str]:
    """Every function of a service or of what they share that takes or gives `Any`."""
    return [
        f"{source.path}:{line}: {name}() says Any"
        for source in sources(root, "shared", "services")
        if not _may_say_any(source)
        for line, name in _vague(source)
    ]


def _may_say_any(source: Source) -> bool:
    if source.path.parts[0] == "shared":
        return source.path.as_posix() in HOOKS
    return layer_of(source.path.with_suffix("").parts[2:]) in EDGES


def _vague(source: Source) -> Iterator[tuple[int, str]]:
    for node in statements(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            arguments += [rest for rest in (node.args.vararg, node.args.kwarg) if rest]
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
