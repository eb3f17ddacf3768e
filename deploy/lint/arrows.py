"""Which part of the code may import which: one table, held for every file."""

import re
from pathlib import Path

from deploy.lint.layers import layer_of
from deploy.lint.sources import Source, imports, sources

_EDGE = """services.X.domain services.X.repository services.X.providers services.X.channels
    services.X.rendering services.X.validation services.X.dialects services.X.upstream services.X.settings
    services.X.metrics services.X.operations services.X.api services.X.edge services.X.consumers
    services.X.workers shared.kernel shared.events shared.postgres shared.messaging shared.http"""
_OUTSIDE = "services.X.domain services.X.metrics shared.kernel shared.http.client"

# Part → what it may import besides itself; X is one and the same service on both sides.
ARROWS = {
    "shared.kernel": "",
    "shared.environment": "",
    "shared.events": "shared.kernel",
    # Of events the class alone: a database hands those of a unit of work to who writes along with them.
    "shared.postgres": "shared.kernel shared.environment shared.events.event",
    "shared.messaging": "shared.kernel shared.environment shared.events shared.postgres",
    # Of shared.messaging the unit of work, which a request has as a consumer and a worker have it.
    "shared.http": "shared.kernel shared.events shared.postgres shared.messaging.work",
    "shared.runtime": """shared.kernel shared.environment shared.events shared.postgres shared.messaging
        shared.http""",
    "shared.testing": "shared services deploy",
    "services.X.metrics": "",
    "services.X.domain": "shared.kernel shared.events",
    "services.X.repository": "services.X.domain shared.kernel shared.postgres",
    "services.X.providers": _OUTSIDE,
    "services.X.channels": _OUTSIDE,
    "services.X.rendering": _OUTSIDE,
    "services.X.validation": f"{_OUTSIDE} services.X.rendering",
    "services.X.dialects": _OUTSIDE,
    "services.X.upstream": _OUTSIDE,
    "services.X.settings": "shared.runtime.settings",
    # Of shared.postgres the type of a transaction alone: an operation takes it and hands it on.
    "services.X.operations": """services.X.domain services.X.repository services.X.providers
        services.X.channels services.X.rendering services.X.validation services.X.dialects
        services.X.upstream services.X.metrics shared.kernel shared.events shared.messaging.outbox
        shared.messaging.work shared.messaging.aggregate shared.postgres.pool shared.postgres.listing""",
    "services.X.api": _EDGE,
    "services.X.edge": _EDGE,
    "services.X.consumers": _EDGE,
    "services.X.workers": _EDGE,
    "services.X.migrations": "shared.postgres.migrate",
    "services.X.main": f"{_EDGE} shared.environment shared.runtime",
    "deploy": "shared services",
    "tests": "shared services deploy",
}
# What does input and output has no place where only values go in and out.
PURE = ("shared.kernel", "shared.events", "services.X.domain")
IO_LIBRARIES = set(
    """aiohttp aiokafka asyncio asyncpg fastapi faststream httpx logging os requests smtplib socket
    sqlalchemy starlette structlog subprocess threading urllib3 uvicorn""".split()
)


def faults(root: Path) -> list[str]:
    """Every import that goes against the arrows."""
    files = sources(root)
    known = {source.name for source in files}
    found = (fault for source in files for fault in [*_against_arrows(source, known), *_impure(source)])
    return list(dict.fromkeys(found))


def part_of(module: str) -> str | None:
    """The part that a module belongs to: `services.invoice.domain` for that layer of any of its resources."""
    parts = module.split(".")
    layer = layer_of(tuple(parts[2:])) if parts[0] == "services" else None
    if layer:
        return f"services.{parts[1]}.{layer}"
    candidates = [".".join(parts[:length]) for length in (3, 2, 1)]
    return next((part for part in candidates if _pattern(part) in ARROWS), None)


def _against_arrows(source: Source, known: set[str]) -> list[str]:
    part = part_of(source.name)
    if part is None:
        return [] if _is_empty_root(source) else [f"{source.path}: this place is in no line of the arrows"]
    allowed = (part, *ARROWS[_pattern(part)].replace("X", _service(part)).split())
    return [
        f"{source.path}:{found.line}: {part} may not import {found.target}"
        for found in imports(source, known)
        if not any(_is_within(name, place) for name in _names(found.target) for place in allowed)
    ]


def _names(module: str) -> tuple[str, ...]:
    """A module goes by its own name and by that of its part."""
    return (module, part_of(module) or module)


def _impure(source: Source) -> list[str]:
    part = part_of(source.name)
    if part is None or _pattern(part) not in PURE:
        return []
    return [
        f"{source.path}:{found.line}: {part} is pure and may not import {found.target}"
        for found in imports(source, IO_LIBRARIES)
    ]


def _pattern(part: str) -> str:
    return re.sub(r"^services\.\w+", "services.X", part)


def _service(part: str) -> str:
    return part.split(".")[1] if part.startswith("services.") else "X"


def _is_within(module: str, place: str) -> bool:
    return module == place or module.startswith(f"{place}.")


def _is_empty_root(source: Source) -> bool:
    return source.path.name == "__init__.py" and not source.text.strip()
