"""What ships is used: a service's modules by its `main`, and what is shared by two services'."""

from collections.abc import Mapping
from pathlib import Path

from deploy.lint.sources import Source, imports, services, sources

ALONE = {
    "services.invoice.e_invoices.validation.child": "a process of its own: holds the rules of e-invoices",
    "shared.testing": "for tests",
    "shared.messaging.replay": "a command: sends dead letters back",
    "shared.messaging.topics": "a command: creates the topics",
    "shared.runtime.audit_proof": "a command: proves the chains of the audit log",
    "shared.messaging.dead_letters": "a command: lists, shows, replays and drops dead letters",
    "shared.postgres.migrate": "a command: no running service migrates",
    "shared.runtime.command": "the image's one program: starts services, none of which starts it",
}


def faults(root: Path) -> list[str]:
    """Every module of a service that its `main` does not reach, and of `shared` that fewer than two reach."""
    files = {source.name: source for source in sources(root, "shared", "services")}
    known = set(files)
    graph = {name: {found.target for found in imports(source, known)} for name, source in files.items()}
    reached = {service: _reachable(f"services.{service}.main", graph) for service in services(root)}
    found = _unused(files, graph, set().union(*reached.values()))
    for name in sorted(name for name in known if name.startswith("shared.")):
        users = [service for service, modules in reached.items() if name in modules]
        if len(users) < 2 and not _is_alone(name) and files[name].text.strip():
            found.append(f"{name} is reached by {users or 'no service'}: a shared module has two users")
    return found


def _unused(files: Mapping[str, Source], graph: Mapping[str, set[str]], reached: set[str]) -> list[str]:
    used = reached.union(*(_reachable(name, graph) for name in ALONE))
    mine = sorted(name for name in files if name.startswith("services.") and name not in used)
    return [
        f"{name} is reached by no main: it is dead, or belongs to tests"
        for name in mine
        if files[name].text.strip()
    ]


def _reachable(start: str, graph: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in graph:
            continue
        seen.add(name)
        # Importing a module runs the packages that it lies in.
        waiting += [*graph[name], name.rpartition(".")[0]]
    return seen


def _is_alone(name: str) -> bool:
    return any(name == alone or name.startswith(f"{alone}.") for alone in ALONE)
