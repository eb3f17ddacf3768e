"""Every file of `schemas/`, as text, by its path in there."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import simplejson

from deploy.schemas import asyncapi, events
from deploy.schemas.compatibility import breaking
from deploy.schemas.services import Described, describe
from deploy.schemas.table import table
from services.gateway.api import openapi
from shared.events.registry import EVENTS

FOLDER = Path(__file__).parents[2] / "schemas"
CORPUS = FOLDER.parent / "tests" / "contract" / "corpus"
EVENT_EXAMPLES = FOLDER.parent / "services" / "webhook_delivery" / "static" / "event_examples.json"
_RELEASED = re.compile(r"events/(?P<type>.+)\.v(?P<version>\d+)\.json")


def documents() -> dict[str, str]:
    """What `schemas/` must hold for the code as it is."""
    services = describe()
    heard = _listeners(services)
    return {
        **{_path(type_): _json(events.schema(event)) for type_, event in EVENTS.items()},
        "events.md": table(EVENTS, heard),
        "asyncapi.json": _json(asyncapi.document(EVENTS, heard)),
        **{f"api/{name}.json": _json(document) for name, document in _described(services).items()},
    }


def event_examples() -> str:
    """A message of each event type as an endpoint gets it, from the newest event of the corpus: JSON by type."""
    found = {}
    for type_, event in sorted(EVENTS.items()):
        said = json.loads((CORPUS / f"{type_}.v{event.schema_version}.json").read_text())
        place = int(said["sequence"]) * 1_000 + said.get("step", 0)
        found[type_] = {"type": type_, "timestamp": said["time"], "sequence": place, "data": said["data"]}
    return _json(found)


def stale(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """What in the folder is missing, different or too much; schemas of older versions stay for ever."""
    found = [f"{path}: missing" for path in wanted if not (folder / path).exists()]
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name not in wanted and not _is_older_version(name, wanted):
            found.append(f"{name}: nothing in the code makes it")
        elif name in wanted and path.read_text() != wanted[name]:
            found.append(f"{name}: not what the code says")
    return found


def broken(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """What in `wanted` breaks an event schema that the folder holds, and so has been released."""
    faults = []
    for path in sorted((folder / "events").glob("*.json")):
        name = path.relative_to(folder).as_posix()
        if name in wanted:
            found = breaking(json.loads(path.read_text()), json.loads(wanted[name]))
            faults += [f"{name}: {fault}" for fault in found]
        elif not _is_older_version(name, wanted):
            faults.append(f"{name}: the event is gone")
    return faults


def write(folder: Path, wanted: Mapping[str, str]) -> None:
    """Make the folder hold exactly this, and the events' older versions."""
    for fault in stale(folder, wanted):
        name = fault.partition(":")[0]
        (folder / name).unlink(missing_ok=True)
    for name, text in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _listeners(services: Mapping[str, Described]) -> dict[str, list[str]]:
    return {type_: [name for name, one in services.items() if type_ in one.heard] for type_ in EVENTS}


def _described(services: Mapping[str, Described]) -> dict[str, dict[str, Any]]:
    """The services' documents; the gateway's is that of the whole public API, beside its dialects'."""
    own = {package: service.openapi for package, service in services.items()}
    return {**own, "gateway": openapi.merge(own), **services["gateway"].dialects}


def _path(type_: str) -> str:
    return f"events/{type_}.v{EVENTS[type_].schema_version}.json"


def _is_older_version(name: str, wanted: Mapping[str, str]) -> bool:
    found = _RELEASED.fullmatch(name)
    if not found:
        return False
    newer = range(int(found["version"]) + 1, int(found["version"]) + 100)
    return any(f"events/{found['type']}.v{version}.json" in wanted for version in newer)


def _json(value: Any) -> str:
    # Examples hold Decimals, whose digits count.
    return simplejson.dumps(value, indent=2, ensure_ascii=False, use_decimal=True) + "\n"
