"""Every environment variable is read by the program and stands there once; none that it needs is missing."""

import re
from collections.abc import Iterator
from typing import Any

from deploy.checks.policies.objects import Object, Workload, workloads
from deploy.kubernetes.settings import KAFKA_OF_THE_CHART, kafka_variables, variables

_EXPANDED = re.compile(r"\$\((\w+)\)")
# Read by the tools of the image, which have no settings class: their modules' docstrings say so.
OF_TOOLS = {
    "migrate": {"POSTGRES_DSN", "POSTGRES_ROLE_PASSWORD"},
    "topics": {"KAFKA_PARTITIONS", "KAFKA_REPLICATION_FACTOR"},
}
OF_THE_SMOKE_TEST = {"GATEWAY_URL", "ADMIN_TOKEN"}
NEEDED_BY_TOOLS = {
    "migrate": {"POSTGRES_DSN"},
    "topics": {"KAFKA_BOOTSTRAP_SERVERS"},
    "smoke": OF_THE_SMOKE_TEST,
}
# No default of the code would do in a container.
NEEDED = {"HOST", "PORT", "GRACEFUL_TIMEOUT_SECONDS"}


def faults(objects: list[Object]) -> list[str]:
    """Variables that are unknown, doubled or missing, by container."""
    found = []
    for one in workloads(objects):
        for container in one.containers:
            where = f"{one.name}: {container['name']}"
            env = container.get("env", [])
            names = [variable["name"] for variable in env]
            # What Helm 4 applies is merged by name: a double is refused by the server.
            found += [f"{where}: {name} is set twice" for name in sorted(set(names)) if names.count(name) > 1]
            found += [f"{where}: {name} is read by nothing" for name in sorted(_unknown(container, env))]
            found += [f"{where}: {name} is needed" for name in sorted(_needed(one, container) - set(names))]
            found += [f"{where}: {fault}" for fault in _open_secrets(container, env)]
    return found


def known_to(container: Object) -> set[str]:
    """The variables that the container's program reads."""
    name = program(container)
    if name in OF_TOOLS:
        return OF_TOOLS[name] | (set(kafka_variables()) if name == "topics" else set())
    if name == "smoke":
        return OF_THE_SMOKE_TEST
    return set(variables(name)) | set(kafka_variables())


def program(container: Object) -> str:
    """What the container runs: a service's package, or a tool of the image."""
    if container.get("command"):
        return "smoke"
    return str(container["args"][0]).replace("-", "_")


def _unknown(container: Object, env: list[Any]) -> set[str]:
    expanded = {name for variable in env for name in _EXPANDED.findall(variable.get("value", ""))}
    return {variable["name"] for variable in env} - known_to(container) - expanded


def _needed(one: Workload, container: Object) -> set[str]:
    name = program(container)
    if name in OF_TOOLS or name == "smoke":
        return {"migrate": {"POSTGRES_DSN"}, "topics": {"KAFKA_BOOTSTRAP_SERVERS"}}.get(
            name, OF_THE_SMOKE_TEST
        )
    needed = NEEDED | {variable.name for variable in variables(name).values() if variable.is_required}
    if one.role != "api":
        needed |= {variable.name for variable in kafka_variables().values() if variable.is_required}
    return needed


def _open_secrets(container: Object, env: list[Any]) -> Iterator[str]:
    name = program(container)
    known = {} if name in NEEDED_BY_TOOLS else variables(name) | kafka_variables()
    for variable in env:
        one = known.get(variable["name"])
        is_secret = bool(one and one.is_secret) or variable["name"].endswith(("_PASSWORD", "_TOKEN"))
        if is_secret and "valueFrom" not in variable:
            yield f"{variable['name']} stands in the open"
        if KAFKA_OF_THE_CHART.fullmatch(variable["name"]) and container["args"][-1] == "api":
            yield f"{variable['name']}: an API has nothing to say to Kafka"
