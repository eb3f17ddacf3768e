"""One KafkaUser a service: it writes the topics of its own events, reads those it hears, and nothing else."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from deploy.kubernetes.topics import API_VERSION, CLUSTER
from deploy.schemas import services
from shared.events.event import Event
from shared.events.registry import EVENTS, JOURNAL
from shared.messaging import dead_letter
from shared.postgres.roles import SERVICES

PREFIX = "billing-user-"
# Bytes a second and requests' share of a broker's threads, in percent: one service cannot starve the others.
QUOTAS = {"producerByteRate": 20_971_520, "consumerByteRate": 41_943_040, "requestPercentage": 100}


def kafka_users() -> list[dict[str, Any]]:
    """The services' users, and one that sends dead letters back."""
    return [*(_user(service, heard()[service]) for service in SERVICES), _replay(heard())]


@cache
def heard() -> dict[str, frozenset[str]]:
    """The topics that each service's consumer reads."""
    return services.subscribed()


def written_by(service: str, events: Mapping[str, type[Event]] = EVENTS) -> list[str]:
    """The topics that a service publishes to: its events, the journal of all, and its dead letters."""
    own = [type_ for type_, event in events.items() if event.source.strip("/").replace("-", "_") == service]
    return [*sorted(own), JOURNAL, dead_letter.topic(service)]


def _user(service: str, heard: Iterable[str]) -> dict[str, Any]:
    name = service.replace("_", "-")
    reads = sorted(heard)
    rights = [_topic(topic, "Describe", "Write") for topic in written_by(service)]
    rights += [_topic(topic, "Describe", "Read") for topic in reads]
    if reads:
        rights.append(_group(name))
    return _kafka_user(f"{PREFIX}{name}", rights)


def _replay(heard: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    letters = [_topic(dead_letter.topic(service), "Describe", "Read") for service in SERVICES]
    origins = [_topic(topic, "Describe", "Write") for topic in sorted(set().union(*heard.values()))]
    groups = [_group(f"{service.replace('_', '-')}-replay") for service in SERVICES]
    return _kafka_user(f"{PREFIX}replay", [*letters, *origins, *groups])


def _kafka_user(name: str, rights: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": API_VERSION,
        "kind": "KafkaUser",
        "metadata": {"name": name, "labels": {"strimzi.io/cluster": CLUSTER}},
        "spec": {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {"type": "simple", "acls": rights},
            "quotas": QUOTAS,
        },
    }


def _topic(name: str, *operations: str) -> dict[str, Any]:
    return _right("topic", name, operations)


def _group(name: str) -> dict[str, Any]:
    return _right("group", name, ("Describe", "Read"))


def _right(kind: str, name: str, operations: Iterable[str]) -> dict[str, Any]:
    resource = {"type": kind, "name": name, "patternType": "literal"}
    return {"resource": resource, "operations": list(operations), "host": "*"}
