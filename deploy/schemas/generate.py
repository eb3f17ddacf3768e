"""Every file of `schemas/`, as text, by its path in there."""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from deploy.layout import json_text
from deploy.schemas import asyncapi, parts
from deploy.schemas.compatibility import breaking
from deploy.schemas.services import Described
from deploy.schemas.table import table
from services.gateway.descriptions.api import openapi
from shared.events.registry import EVENTS

FOLDER = Path(__file__).parents[2] / "schemas"
CORPUS = FOLDER.parent / "tests" / "contract" / "corpus"
# What people wrote beside what is generated.
_BY_HAND = {"README.md"}
EVENT_EXAMPLES = FOLDER.parent / "services" / "webhook_delivery" / "static" / "event_examples.json"
_RELEASED = re.compile(r"events/(?P<type>.+)\.v(?P<version>\d+)\.json")


def documents(services: Mapping[str, Described]) -> dict[str, str]:
    """What `schemas/` must hold for the code as it is: of APIs, those that integrators speak to."""
    heard = _listeners(services)
    known = apis(services)
    published = ["gateway", *services["gateway"].dialects]
    return {
        **_event_files(),
        "events.md": table(EVENTS, heard),
        "asyncapi.json": json_text(asyncapi.document(EVENTS, heard)),
        **{f"api/{name}.json": json_text(_without_examples(known[name])) for name in published},
    }


def apis(services: Mapping[str, Described]) -> dict[str, dict[str, Any]]:
    """The documents as they are served: each service's, the dialects', and as `gateway` the public API's."""
    own = {package: service.openapi for package, service in services.items()}
    return {**own, "gateway": openapi.merge(own), **services["gateway"].dialects}


def without_example() -> list[str]:
    """The files of the corpus that events of the code lack."""
    wanted = (CORPUS / f"{type_}.v{event.schema_version}.json" for type_, event in sorted(EVENTS.items()))
    return [path.relative_to(FOLDER.parent).as_posix() for path in wanted if not path.exists()]


def event_examples() -> str:
    """A message of each event type as an endpoint gets it, from the newest of the corpus: JSON by type."""
    found = {}
    for type_, event in sorted(EVENTS.items()):
        said = json.loads((CORPUS / f"{type_}.v{event.schema_version}.json").read_text())
        place = int(said["sequence"]) * 1_000 + said.get("step", 0)
        found[type_] = {"type": type_, "timestamp": said["time"], "sequence": place, "data": said["data"]}
    # One line each: the corpus is where they are read.
    lines = (f"  {json.dumps(type_)}: {json.dumps(one, ensure_ascii=False)}" for type_, one in found.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def stale(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """What in the folder is missing, different or too much; schemas of older versions stay for ever."""
    found = [f"{path}: missing" for path in wanted if not (folder / path).exists()]
    older = set(_older(folder, wanted))
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name not in wanted and name not in older | _BY_HAND:
            found.append(f"{name}: nothing in the code makes it")
        elif name in wanted and path.read_text() != wanted[name]:
            found.append(f"{name}: not what the code says")
    return found


def broken(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """What in `wanted` breaks an event schema that the folder holds, and so has been released."""
    faults = []
    older = set(_older(folder, wanted))
    for path in sorted((folder / "events").glob("*.v*.json")):
        name = path.relative_to(folder).as_posix()
        if name in wanted:
            new = parts.whole(name, lambda one: json.loads(wanted[one]))
            faults += [f"{name}: {fault}" for fault in breaking(parts.read(path), new)]
        elif name not in older:
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


def _event_files() -> dict[str, str]:
    """Each event's schema, and once that of the data which several share."""
    found: dict[str, str] = {}
    for type_, event in sorted(EVENTS.items()):
        for name, schema in parts.split(f"events/{type_}.v{event.schema_version}.json", event).items():
            text = json_text(schema)
            if found.setdefault(name, text) != text:
                raise ValueError(f"{name}: events of one version say two things of their data")
    return found


def _without_examples(document: dict[str, Any]) -> dict[str, Any]:
    """Without what is shown of bodies: the services' `static/examples*` hold it already."""
    bare = deepcopy(document)
    for operations in bare["paths"].values():
        for operation in operations.values():
            for content in _bodies(operation):
                content.pop("example", None)
    return bare


def _bodies(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    replies = [one for status, one in operation["responses"].items() if status.startswith("2")]
    for body in (operation.get("requestBody", {}), *replies):
        yield from body.get("content", {}).values()


def _older(folder: Path, wanted: Mapping[str, str]) -> Iterator[str]:
    """The files of events' older versions, with those that these refer to."""
    for path in (folder / "events").glob("*.json"):
        name = path.relative_to(folder).as_posix()
        if name not in wanted and _is_older_version(name, wanted):
            yield from (name, *parts.named(name, json.loads(path.read_text())))


def _is_older_version(name: str, wanted: Mapping[str, str]) -> bool:
    found = _RELEASED.fullmatch(name)
    if not found:
        return False
    newer = range(int(found["version"]) + 1, int(found["version"]) + 100)
    return any(f"events/{found['type']}.v{version}.json" in wanted for version in newer)
