"""Runbooks: one form, links that lead somewhere, commands and routes that exist."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

from tests.contract.test_metrics import ROOT, defined

FOLDER = ROOT / "deploy/runbooks"
PAGES = sorted(page for page in FOLDER.glob("*.md") if page.name != "README.md")
WANTED = set(
    """stuck-outbox consumer-lag dead-letter-replay unknown-payments provider-outage disk-full restore
    key-leak rollback partition-increase""".split()
)
COMMAND = re.compile(r"python -m ([\w.]+)")
ROUTE = re.compile(r"\b(GET|POST|PATCH|PUT|DELETE) (/v1/[\w{}/-]+)")
METRIC = re.compile(r"\bbilling_[a-z_]+\b")
SETTING = re.compile(r"`([A-Z]+(?:_[A-Z]+)+)`")


def routes() -> set[tuple[str, str]]:
    """Every operation of the public API."""
    return {
        (method.upper(), path)
        for file in (ROOT / "schemas/api").glob("*.json")
        for path, operations in json.loads(file.read_text())["paths"].items()
        for method in operations
    }


def faults(text: str, known: set[tuple[str, str]]) -> list[str]:
    """What a page names that is not there."""
    modules = [name for name in COMMAND.findall(text) if importlib.util.find_spec(name) is None]
    unknown = [f"{method} {path}" for method, path in ROUTE.findall(text) if (method, path) not in known]
    links = [link for link in re.findall(r"\]\(([\w-]+\.md)\)", text) if not (FOLDER / link).exists()]
    metrics = [name for name in METRIC.findall(text) if name not in METRICS]
    return [*modules, *unknown, *links, *metrics]


METRICS = defined(ROOT)


def test_the_pages_that_everybody_needs_exist() -> None:
    assert {page.stem for page in PAGES} >= WANTED


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_its_form(page: Path) -> None:
    text = page.read_text()

    assert text.startswith("# ")
    for part in ("**Symptom.**", "**What it means.**", "## Look", "## Act", "## Verify", "## Prevent"):
        assert text.count(part) == 1, part
    assert len(text.splitlines()) <= 60


def test_what_the_pages_name_is_there() -> None:
    found = {page.stem: faults(page.read_text(), routes()) for page in [*PAGES, FOLDER / "README.md"]}

    assert {stem: wrong for stem, wrong in found.items() if wrong} == {}


def test_the_index_lists_every_page() -> None:
    listed = set(re.findall(r"\]\(([\w-]+)\.md\)", (FOLDER / "README.md").read_text()))

    assert listed == {page.stem for page in PAGES}


def test_settings_that_the_pages_name_are_known() -> None:
    known = " ".join(path.read_text() for path in ROOT.glob("s*/**/settings.py"))
    named = {name for page in PAGES for name in SETTING.findall(page.read_text())}

    assert {"RELAY_SHARDS", "MESSAGE_RETENTION_DAYS"} & named
    unknown = {name for name in named if name.removeprefix("KAFKA_").lower() not in known}

    # That of a command, and those of the roles' Secrets.
    assert unknown <= {"KAFKA_PARTITIONS"}


def test_what_is_not_there_is_found() -> None:
    text = "`python -m shared.nowhere`, `GET /v1/nothing`, [x](no-page.md), `billing_nothing_total`"

    assert faults(text, routes()) == [
        "shared.nowhere",
        "GET /v1/nothing",
        "no-page.md",
        "billing_nothing_total",
    ]
