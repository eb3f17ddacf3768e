"""One word, one meaning: class names within a service, and words that services/GLOSSARY.md has replaced."""

import ast
from collections.abc import Iterator
from pathlib import Path

from deploy.lint.sources import Source, sources, statements

# What was said for several things, and what is said instead.
REPLACED = {
    "Basis": "DraftContext, BillingContext",
    "Book": "MoneyBatch, SandboxStore",
    "Desk": "the handoff buffer",
    "Paper": "PrintModel",
    "Reception": "the handoff buffer",
    "Standing": "RateState, ReminderState, CheckoutState",
    "Wish": "a request: CollectionRequest",
}
# A function is a verb, a predicate begins with is_ or has_; these are neither.
NO_VERBS = frozenset(
    """blank checked dated given issued kept known left made paid priced printed resolved sealed sent settled
    shown stored taken theirs told wanted written""".split()
)
# Which rows of a list: named for the module whose list it is.
OF_THEIR_MODULE = frozenset({"Filter"})
# Such a sentence says the folder again.
HOLLOW = ("HTTP in:", "SQL of ", "State changes of ", "Clock in:", "Kafka in:")


def faults(root: Path) -> list[str]:
    """Every class name with two meanings, replaced word, function that is no verb, and hollow docstring."""
    files = [source for source in sources(root, "services") if len(source.path.parts) > 3]
    found = [*_twice(files)]
    for source in files:
        found += [f"{source.path}:{line}: {said}" for line, said in _strange(source)]
    return found


def _twice(files: list[Source]) -> Iterator[str]:
    places: dict[tuple[str, str], Source] = {}
    for source in files:
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                if node.name in OF_THEIR_MODULE:
                    continue
                first = places.setdefault((_language(source), node.name), source)
                if first is not source:
                    yield f"{source.path}:{node.lineno}: {node.name} is another thing in {first.path}"


def _language(source: Source) -> str:
    """Where a word has one meaning: a service; each dialect speaks a language of its own."""
    _, service, *rest = source.path.parts
    return f"{service}.{rest[1]}" if rest[0] == "dialects" else service


def _strange(source: Source) -> Iterator[tuple[int, str]]:
    for node in statements(source.tree):
        if isinstance(node, ast.ClassDef) and node.name in REPLACED:
            yield node.lineno, f"{node.name}: say {REPLACED[node.name]}"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.strip("_") in NO_VERBS:
            yield node.lineno, f"{node.name}() is no verb"
    said = ast.get_docstring(source.tree) or ""
    if said.startswith(HOLLOW) and said.rstrip(".").count(" ") < 5:
        yield 1, "this sentence says the folder again"
