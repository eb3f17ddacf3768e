"""Kubernetes' own kinds against its own schemas, strictly: no field that it does not know."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

# The oldest that the chart admits, and the newest that there are schemas of.
VERSIONS = ("1.32", "1.37")
CUSTOM_GROUPS = (
    "cert-manager.io",
    "external-secrets.io",
    "gateway.networking.k8s.io",
    "kafka.strimzi.io",
    "keda.sh",
    "monitoring.coreos.com",
    "postgresql.cnpg.io",
)


def is_custom(one: dict[str, Any]) -> bool:
    """Whether an operator knows the object's kind, and Kubernetes itself does not."""
    return one["apiVersion"].partition("/")[0] in CUSTOM_GROUPS


def faults(objects: list[dict[str, Any]], versions: tuple[str, ...] = VERSIONS) -> list[str]:
    """Every object of Kubernetes' own kinds that one of these versions would refuse, and why."""
    found = []
    for one in objects:
        if is_custom(one):
            continue
        refused = ((version, _why_not(one, version)) for version in versions)
        found += [f"{named(one)}: Kubernetes {version}: {why}" for version, why in refused if why]
    return found


def named(one: dict[str, Any]) -> str:
    """The object's kind and name."""
    return f"{one['kind']} {one['metadata']['name']}"


def _why_not(one: dict[str, Any], version: str) -> str | None:
    validator = _validator(version, one["kind"], one["apiVersion"])
    if validator is None:
        return f"it has no {one['apiVersion']} {one['kind']}"
    error = best_match(validator.iter_errors(one))
    return f"{'.'.join(map(str, error.path))}: {error.message[:300]}" if error else None


@cache
def _validator(version: str, kind: str, api_version: str) -> Draft202012Validator | None:
    """The strict schema of one kind; none where this version of Kubernetes does not have it."""
    group, _, number = api_version.rpartition("/")
    name = "-".join(part for part in (kind.lower(), group.partition(".")[0], number) if part)
    folder = _folder(version)
    file = folder / f"{name}.json"
    if not file.exists():
        return None
    return Draft202012Validator(json.loads(file.read_text()), registry=_definitions(version))


@cache
def _definitions(version: str) -> Any:
    definitions = json.loads((_folder(version) / "_definitions.json").read_text())
    return Resource.from_contents(definitions, DRAFT202012) @ Registry()


@cache
def _folder(version: str) -> Path:
    (found,) = (Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema").glob(
        f"v{version}.*-local-strict"
    )
    return found
