"""Finding one's way in rendered objects."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]
WORKLOAD_KINDS = ("Deployment", "Job", "Pod", "StatefulSet", "CronJob", "DaemonSet")


@dataclass(frozen=True, slots=True)
class Workload:
    """An object that makes pods: its name with its kind, its pods' labels and spec."""

    name: str
    object: Object
    labels: dict[str, str]
    pod: Object

    @property
    def is_lasting(self) -> bool:
        """Whether its pods are meant to run for ever."""
        return bool(self.object["kind"] == "Deployment")

    @property
    def role(self) -> str:
        """`api`, `worker` or `all` for a service; what the pod is for, otherwise."""
        return self.labels.get("billing/role", "")

    @property
    def service(self) -> str:
        """The service's name, where it runs one."""
        return self.labels.get("billing/service", "")

    @property
    def containers(self) -> list[Object]:
        """All of its containers, those that run first among them."""
        return [*self.pod.get("initContainers", []), *self.pod["containers"]]


def of_kind(objects: Iterable[Object], *kinds: str) -> list[Object]:
    """The objects of these kinds."""
    return [one for one in objects if one["kind"] in kinds]


def workloads(objects: Iterable[Object]) -> Iterator[Workload]:
    """Everything that makes pods."""
    for one in of_kind(objects, *WORKLOAD_KINDS):
        holder = one if one["kind"] == "Pod" else one["spec"]["template"]
        name = f"{one['kind']} {one['metadata']['name']}"
        yield Workload(name, one, holder["metadata"].get("labels", {}), holder["spec"])


def services(objects: Iterable[Object]) -> list[Workload]:
    """The workloads that run our services."""
    return [one for one in workloads(objects) if one.is_lasting]


def selects(selector: Object, labels: dict[str, str]) -> bool:
    """Whether a selector by labels matches; an empty one matches everything."""
    return all(labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items())


def fewest_replicas(objects: Iterable[Object], workload: Workload) -> int:
    """The fewest pods that the workload can have, with its autoscaler."""
    name = workload.object["metadata"]["name"]
    for one in of_kind(objects, "HorizontalPodAutoscaler", "ScaledObject"):
        if one["spec"]["scaleTargetRef"]["name"] == name:
            return int(one["spec"].get("minReplicas") or one["spec"].get("minReplicaCount") or 0)
    return int(workload.object["spec"].get("replicas", 1))
