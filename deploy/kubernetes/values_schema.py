"""The parts of the chart's values.schema.json that follow from the services' settings."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from deploy.kubernetes.settings import Variable, common_variables, kafka_variables, variables
from shared.postgres.roles import SERVICES


def with_settings(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with what the settings classes say now; the rest of it is written by hand."""
    made = deepcopy(schema)
    parts = {"every": common_variables(), "kafka": kafka_variables()}
    parts |= {service.replace("_", "-"): variables(service) for service in SERVICES}
    made["$defs"]["settings"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _part(name, found.values()) for name, found in parts.items()},
    }
    return made


def _part(name: str, found: Iterable[Variable]) -> dict[str, Any]:
    return {
        "description": f"Settings of {_whose(name)}: names as in its settings.py.",
        "type": "object",
        "additionalProperties": False,
        "properties": {one.field: _plain(one.schema) for one in found if one.is_free},
    }


def _whose(name: str) -> str:
    return {"every": "every service", "kafka": "whatever speaks to Kafka"}.get(name, name)


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Without the title, which repeats the name, and without null: what is not set is left out."""
    kept = {key: value for key, value in schema.items() if key not in {"title", "default", "anyOf"}}
    if choices := [one for one in schema.get("anyOf", []) if one.get("type") != "null"]:
        kept |= choices[0] if len(choices) == 1 else {"anyOf": choices}
    # Sets have no order that would last: only plain values are shown.
    if isinstance(schema.get("default"), str | int | float):
        kept["default"] = schema["default"]
    return kept
