"""The compose file starts what there is: each service gets what its settings need, and nothing unknown."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.docker import secrets
from deploy.kubernetes.settings import kafka_variables, variables
from shared.postgres.roles import SERVICES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
OURS = {name.replace("_", "-"): name for name in SERVICES}
EXACT = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?")
OPTIONAL = {"LOG_LEVEL", "PUBLIC_BASE_URL", "MAIL_FROM", "EGRESS_ALLOW_CIDRS", "ALLOW_HTTP"}


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_given_all_that_it_needs_and_only_what_it_knows(name: str) -> None:
    known = variables(OURS[name]) | kafka_variables()

    given = COMPOSE["services"][name]["environment"]

    assert set(given) <= set(known)
    assert {one.name for one in known.values() if one.is_required} <= set(given)


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_can_write_nothing_and_begins_when_schemas_and_topics_are_there(name: str) -> None:
    block = COMPOSE["services"][name]

    assert block["read_only"] is True
    assert block["cap_drop"] == ["ALL"]
    assert block["depends_on"] == {
        one: {"condition": "service_completed_successfully"} for one in ("migrate", "topics")
    }


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_every_container_has_a_health_check_and_an_exact_version(name: str) -> None:
    block = COMPOSE["services"][name]

    assert block["healthcheck"].get("test") or block["restart"] == "no"
    assert EXACT.fullmatch(block["image"])


def test_what_it_takes_from_env_is_what_the_command_writes(tmp_path: Path) -> None:
    path = tmp_path / ".env"

    assert secrets.write(path)
    assert not secrets.write(path)

    written = {line.partition("=")[0] for line in path.read_text().splitlines() if not line.startswith("#")}
    assert set(re.findall(r"\$\{(\w+)", TEXT)) == written | OPTIONAL
    assert path.stat().st_mode & 0o077 == 0
