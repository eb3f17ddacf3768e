"""Each service's revisions form one line: two of one number would leave a schema that nobody can migrate."""

import re
from pathlib import Path

import pytest

from shared.postgres.roles import SERVICES

ROOT = Path(__file__).parents[2]
_NAMES = re.compile(r'^(revision|down_revision) = (?:"(\d+)"|None)', re.MULTILINE)


@pytest.mark.parametrize("service", SERVICES)
def test_revisions_follow_each_other_one_by_one(service: str) -> None:
    files = sorted((ROOT / "services" / service / "migrations").glob("0*.py"))
    named = [dict(_NAMES.findall(file.read_text())) for file in files]

    assert "0001" in [file.name[:4] for file in files]
    wanted = [f"{number:04}" for number in range(1, len(files) + 1)]
    assert [file.name[:4] for file in files] == wanted
    assert [one["revision"] for one in named] == wanted
    assert [one["down_revision"] for one in named] == ["", *wanted[:-1]]
