"""No binary fractions near money: `float` and `round` do not appear where amounts are worked with.

A rule of our own, since ruff's banned-api does not see builtins.
"""

import ast
from functools import lru_cache
from pathlib import Path

from deploy.lint.layers import layer_of
from deploy.lint.sources import sources

MONEY_PLACES = ("shared/kernel", "shared/events", "services/invoice", "services/payment")
MONEY_LAYERS = ("domain", "operations", "repository", "dialects")
BANNED = {"float": "use int minor units or Decimal", "round": "use shared.kernel.money.round_half_up"}
# A length of time is no money, and its name ends in its unit.
_TIME = "_seconds"


def faults(root: Path) -> list[str]:
    """Every mention of `float` or `round` (call, annotation, argument) and every number such as 0.1."""
    files = [source for source in sources(root, "shared", "services") if _is_money(source.path)]
    return [f"{source.path}:{line}: {what}" for source in files for line, what in _found_once(source.tree)]


def _is_money(path: Path) -> bool:
    if any(path.is_relative_to(place) for place in MONEY_PLACES):
        return True
    return path.parts[0] == "services" and layer_of(path.with_suffix("").parts[2:]) in MONEY_LAYERS


# As files are parsed: once for all copies that have the same text.
@lru_cache(maxsize=4096)
def _found_once(tree: ast.Module) -> list[tuple[int, str]]:
    return _found_in(tree)


def _found_in(tree: ast.AST) -> list[tuple[int, str]]:
    finder = _Finder()
    finder.visit(tree)
    return sorted(finder.found)


class _Finder(ast.NodeVisitor):
    def __init__(self) -> None:
        self.found: set[tuple[int, str]] = set()

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in BANNED:
            self.found.add((node.lineno, f"{node.id} is banned here: {BANNED[node.id]}"))

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, float):
            said = f'{node.value} is a binary fraction: write Decimal("{node.value}")'
            self.found.add((node.lineno, said))

    def visit_Call(self, node: ast.Call) -> None:
        # Asking whether something is a float is how one is refused.
        is_question = isinstance(node.func, ast.Name) and node.func.id == "isinstance"
        for part in node.args[:1] if is_question else ast.iter_child_nodes(node):
            self.visit(part)

    def visit_arg(self, node: ast.arg) -> None:
        if not node.arg.endswith(_TIME):
            self._visit_annotation(node.annotation)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if not ast.unparse(node.target).endswith(_TIME):
            self._visit_annotation(node.annotation)
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._visit_annotation(node.returns)
        self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._visit_annotation(node.returns)
        self.generic_visit(node)

    def _visit_annotation(self, node: ast.expr | None) -> None:
        # An annotation in quotes is text to the parser.
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            inner = ast.parse(node.value, mode="eval").body
            self.found |= {(node.lineno, said) for _, said in _found_in(inner)}
        elif node is not None:
            self.visit(node)
