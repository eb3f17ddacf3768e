"""Advice, no fault: which files have more than 300 lines and which functions more than 40.

A long file is a question, and the answer may be that it is right so: what belongs together is not cut to
satisfy a number.
"""

import ast
from pathlib import Path

from deploy.lint.sources import Source, sources, statements

FILE_LINES = 300
FUNCTION_LINES = 40


def advice(root: Path) -> list[str]:
    """Every file and function that is longer."""
    return [found for source in sources(root) for found in _too_long(source)]


def summary(found: list[str]) -> str:
    """One line for whoever did not ask; empty where nothing is long."""
    if not found:
        return ""
    return f"{len(found)} files or functions are long: `python -m deploy.lint --sizes` lists them (advice)"


def _too_long(source: Source) -> list[str]:
    found = []
    count = len(source.text.splitlines())
    if count > FILE_LINES:
        found.append(f"{source.path}: {count} lines, more than {FILE_LINES}")
    for node in statements(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                place = f"{source.path}:{node.lineno}"
                found.append(f"{place}: {node.name}() has {length} lines, more than {FUNCTION_LINES}")
    return found
