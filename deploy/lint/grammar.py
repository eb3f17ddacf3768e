"""The same names everywhere: `services/<service>/<resource>/<layer>.py`, with known layers only."""

import re
from pathlib import Path

from deploy.lint.layers import LAYERS, ROOMS

MODULES = ("__init__", "main", "metrics", "settings", "upstream")
NEEDED = ("__init__.py", "main.py", "settings.py", "README.md", "migrations")
_NAME = re.compile(r"[a-z][a-z0-9_]*|__init__")
_DECISION = re.compile(r"\d{4}-[a-z0-9-]+\.md")
_REVISION = re.compile(r"\d{4}_[a-z0-9_]+\.sql")


def faults(root: Path) -> list[str]:
    """Every path below services/ that the grammar does not know, and what a service lacks."""
    services = root / "services"
    found = []
    for path in sorted(services.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            fault = _fault(path.relative_to(services).parts)
            found += [f"{path.relative_to(root)}: {fault}"] if fault else []
    for service in sorted(path.parent for path in services.glob("*/__init__.py")):
        missing = [name for name in NEEDED if not (service / name).exists()]
        found += [f"services/{service.name} has no {name}" for name in missing]
    return found


def _fault(parts: tuple[str, ...]) -> str | None:
    match parts:
        case ("README.md" | "GLOSSARY.md" | "__init__.py",) | (_, "README.md"):
            return None
        case ("decisions", file):
            return None if _DECISION.fullmatch(file) else "a decision is named 0001-what-was-decided.md"
        case (_,):
            return "belongs into a service"
        case (_, file):
            return _module_fault(file)
    return _fault_within(parts)


def _fault_within(parts: tuple[str, ...]) -> str | None:
    match parts:
        case (_, "migrations", file):
            return None if _REVISION.fullmatch(file) else "a migration is named 0001_what_it_does.sql"
        # Files that are sent as they are.
        case (_, "static", *_):
            return None
        case (_, room, _) | (_, "dialects" as room, _, _) if room in ROOMS:
            return _name_fault(parts[-1])
        case (_, _, "__init__.py" | "README.md"):
            return None
        case (_, _, file):
            return _layer_fault(file.removesuffix(".py"))
        case (_, _, layer, file):
            return _layer_fault(layer) or _name_fault(file)
    return "lies too deep: services/<service>/<resource>/<layer>/<file>.py"


def _layer_fault(layer: str) -> str | None:
    return None if layer in LAYERS else f"{layer} is none of the layers: {', '.join(LAYERS)}"


def _module_fault(file: str) -> str | None:
    stem, _, ending = file.partition(".")
    if ending == "py" and stem in MODULES:
        return None
    return f"a service's own modules are {', '.join(MODULES[1:])}; everything else lies with a resource"


def _name_fault(file: str) -> str | None:
    stem, _, ending = file.partition(".")
    if ending == "py" and not _NAME.fullmatch(stem):
        return "a module's name has small letters, digits and underscores"
    return None
