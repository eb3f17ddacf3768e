"""Which values the chart takes: those that we ship, and no others by a slip of the hand."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from deploy.checks import helm, matrix

SCHEMA = json.loads((helm.CHART / "values.schema.json").read_text())
FILES = [path for paths in (*matrix.shipped().values(), *matrix.tried().values()) for path in paths]
REFUSED = {
    "an unknown key": {"replicas": 3},
    "a key's typo": {"networkPolicy": {"enabeld": True}},
    "a setting that no service has": {"settings": {"payment": {"collection_slotz": 4}}},
    "another service's setting": {"settings": {"invoice": {"collection_slots": 4}}},
    "a setting out of its bounds": {"settings": {"payment": {"collection_slots": 0}}},
    "a secret in the open": {"settings": {"payment": {"encryption_keys": "k1:…"}}},
    "what the chart decides": {"settings": {"every": {"port": 9000}}},
    "a word that is no choice": {"layout": "mixed"},
    "a limit to the processor": {"defaults": {"every": {"resources": {"cpuLimit": "1"}}}},
    "a workload that is not there": {"workloads": {"payments-worker": {}}},
    "a digest that is none": {"image": {"digest": "latest"}},
    "roles without a host": {"postgres": {"credentials": "roles"}},
    "certificates without encryption": {"kafka": {"authentication": "tls"}},
    "a store without a name": {"secrets": {"external": {"enabled": True}}},
    "an ingress without hosts": {"ingress": {"enabled": True}},
    "a route without a Gateway": {"route": {"parentRefs": []}},
    "a way out on no port": {"networkPolicy": {"exits": {"mail": {"ports": []}}}},
    "a peer that is none": {"networkPolicy": {"ingressFrom": [{"podselector": {}}]}},
}


def merged(base: Any, over: Any) -> Any:
    """As Helm merges values: maps by key, everything else replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{key: merged(base.get(key), value) for key, value in over.items()}}
    return over


def faults(values: dict[str, Any]) -> list[str]:
    defaults = yaml.safe_load((helm.CHART / "values.yaml").read_text())
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(merged(defaults, values))]


def test_the_schema_is_one_and_closed_everywhere() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    assert open_places(SCHEMA, "") == []

    planted = {"$defs": {"a": [{"type": "object", "properties": {}}]}}
    assert open_places(planted, "") == ["/$defs/a"]


def open_places(part: Any, path: str) -> list[str]:
    """Where a schema takes keys that it does not name."""
    if isinstance(part, list):
        return [found for one in part for found in open_places(one, path)]
    if not isinstance(part, dict):
        return []
    is_open = "properties" in part and part.get("type") == "object" and "additionalProperties" not in part
    below = [found for key, one in part.items() for found in open_places(one, f"{path}/{key}")]
    return [path, *below] if is_open else below


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_values_that_we_ship_fit(path: Path) -> None:
    assert faults(yaml.safe_load(path.read_text())) == []


def test_an_umbrella_charts_globals_fit() -> None:
    assert faults({"global": {"anything": {"at": "all"}}}) == []


@pytest.mark.parametrize("values", REFUSED.values(), ids=REFUSED.keys())
def test_a_slip_of_the_hand_is_refused(values: dict[str, Any]) -> None:
    assert faults(values)


def test_helm_refuses_them_too(program: Path, tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    for values in REFUSED.values():
        file.write_text(yaml.safe_dump(values))

        with pytest.raises(helm.HelmError, match="specifications of the schema"):
            helm.template(program, [file])
