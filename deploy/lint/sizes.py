"""What can be read at once: files of at most 300 lines, functions of at most 40."""

import ast
from pathlib import Path

from deploy.lint.sources import Source, sources

FILE_LINES = 300
FUNCTION_LINES = 40


def faults(root: Path) -> list[str]:
    """Every file and function that is longer than that."""
    return [fault for source in sources(root) for fault in _too_long(source)]


def _too_long(source: Source) -> list[str]:
    found = []
    count = len(source.text.splitlines())
    if count > FILE_LINES:
        found.append(f"{source.path}: {count} lines, at most {FILE_LINES}: split it by verb")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(
                    f"{source.path}:{node.lineno}: {node.name}() has {length} lines, at most {FUNCTION_LINES}"
                )
    return found
