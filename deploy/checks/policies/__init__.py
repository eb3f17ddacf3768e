"""Our own rules for rendered objects; each says what it found in a sentence."""

from collections.abc import Collection, Mapping

from deploy.checks.policies import environment, monitoring, network, pods, scaling
from deploy.checks.policies.objects import Object, of_kind


def faults(objects: list[Object], partitions: int, heard: Mapping[str, Collection[str]]) -> list[str]:
    """Everything that goes against a rule; network rules only where the release has policies at all."""
    found = [*pods.faults(objects), *environment.faults(objects), *monitoring.faults(objects)]
    found += scaling.faults(objects, partitions, heard)
    return found + (network.faults(objects) if of_kind(objects, "NetworkPolicy") else [])
