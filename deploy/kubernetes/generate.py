"""Every file below `deploy/` that follows from the code, as text, by its path."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.kubernetes import postgres, topics, users
from deploy.kubernetes.readme import with_table
from deploy.kubernetes.settings import known
from deploy.kubernetes.values_schema import with_settings
from deploy.layout import json_text, yaml_text

ROOT = Path(__file__).parents[2]
CHART = "deploy/helm/billing"
_GENERATED = "# Written by `python -m deploy.kubernetes` from the code; change that instead.\n"


def documents(root: Path = ROOT) -> dict[str, str]:
    """What these files must hold for the code, and for the parts of them that are written by hand."""
    schema = with_settings(json.loads((root / CHART / "values.schema.json").read_text()))
    values = yaml.safe_load((root / CHART / "values.yaml").read_text())
    readme = (root / CHART / "README.md").read_text()
    return {
        f"{CHART}/values.schema.json": json_text(schema),
        f"{CHART}/README.md": with_table(readme, schema, values),
        f"{CHART}/files/settings.yaml": _yaml([known()]),
        "deploy/examples/kafka/topics.yaml": _yaml(topics.kafka_topics()),
        "deploy/examples/kafka/users.yaml": _yaml(users.kafka_users()),
        "deploy/examples/postgres/cluster.yaml": _yaml([postgres.cluster(), postgres.backup()]),
        "deploy/examples/postgres/secrets.yaml": _yaml(postgres.secrets()),
    }


def stale(wanted: Mapping[str, str], root: Path = ROOT) -> list[str]:
    """The files that do not say what the code says."""
    found = []
    for name, text in wanted.items():
        path = root / name
        if not path.exists() or path.read_text() != text:
            found.append(f"{name}: not what the code says; run `python -m deploy.kubernetes`")
    return found


def write(wanted: Mapping[str, str], root: Path = ROOT) -> None:
    """Write them."""
    for name, text in wanted.items():
        (root / name).write_text(text)


def _yaml(objects: list[dict[str, Any]]) -> str:
    return _GENERATED + yaml_text(objects)
