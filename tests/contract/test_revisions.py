"""Each service's revisions form one line: two of one number would leave a schema that nobody can migrate."""

import re

import pytest

from shared.postgres import revisions
from shared.postgres.roles import SERVICES

# Whatever looks like an include, so that a slip of the pen is none that is passed over.
_MEANT = re.compile(r"^[ \t]*--[ \t]*inc\w*\b.*$|^.*\w+_v\d\b.*$", re.MULTILINE | re.IGNORECASE)
_MAY_INCLUDE = re.compile(r"-- include: \w+_v\d(, \w+_v\d)*")


@pytest.mark.parametrize("service", SERVICES)
def test_revisions_follow_each_other_one_by_one(service: str) -> None:
    files = revisions.revisions(service)

    assert files
    wanted = [f"{number:04}" for number in range(1, len(files) + 1)]
    assert [revisions.number(file) for file in files] == wanted
    assert revisions.head(service) == wanted[-1]


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_revision_includes_is_there(service: str) -> None:
    files = revisions.revisions(service)
    meant = [line.group() for file in files for line in _MEANT.finditer(file.read_text())]

    assert [line for line in meant if not _MAY_INCLUDE.fullmatch(line)] == []
    assert all("-- include" not in revisions.sql(file) for file in files)
    assert "CREATE TABLE outbox" in revisions.sql(files[0])
