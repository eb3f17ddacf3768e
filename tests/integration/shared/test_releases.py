"""Releases of different ages hear each other: old consumers today's events, today's all of the corpus."""

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.schemas import events as schemas
from deploy.schemas import parts
from deploy.schemas.compatibility import breaking
from shared.events.event import decode
from shared.events.registry import EVENTS
from shared.kernel.ids import new_id
from tests.conftest import PASSWORD, Databases, environment_of, with_database
from tests.releases.consume import ANSWER
from tests.unit.shared.test_fitting import large

ROOT = Path(__file__).parents[3]
CORPUS = ROOT / "tests" / "contract" / "corpus"
RELEASES = sorted((ROOT / "tests" / "releases").glob("*.tar.xz"))
# What rows that the events of the corpus speak of would be needed for; anything else is a misreading.
OF_MISSING_ROWS = ("NotFound", "SubscriptionNotBillable", "ForeignKeyViolationError", "Invalid")
# Readers of these releases knew their words alone. What came since, by field: they set such events aside, as
# dead letters that a later release can replay, so upgrade consumers first.
WORDS_SINCE: dict[str, dict[str, set[str]]] = {"0.1.0": {"state": {"voided"}}}


@pytest.fixture(params=RELEASES, ids=lambda path: path.name.removesuffix(".tar.xz"))
def release(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The code of an earlier release."""
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


@pytest.fixture
async def empty(postgres_dsn: str, databases: Databases) -> AsyncIterator[str]:
    """An administrator's DSN of a database without any schema of ours, on a server that has the roles."""
    name = f"test_{new_id().hex}"
    admin = await asyncpg.connect(with_database(postgres_dsn, "postgres"))
    await admin.execute(f"CREATE DATABASE {name}")
    yield with_database(postgres_dsn, name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


def corpus() -> dict[str, str]:
    """Every event of every release, by its file's name without the end."""
    return {path.name.removesuffix(".json"): path.read_text() for path in sorted(CORPUS.glob("*.json"))}


def of_today() -> list[dict[str, str]]:
    """The same facts as today's code publishes them, and events of large objects."""
    same = [decode(name.rpartition(".v")[0], text.encode()) for name, text in corpus().items()]
    events = [*same, *(large(type_) for type_ in ("invoice.issued", "credit_note.issued", "contact.created"))]
    return [{"topic": one.type, "value": one.encode().decode()} for one in events]


def hear(code: Path, dsn: str, databases: Databases, events: list[dict[str, str]]) -> dict[str, Any]:
    """What the consumers of this code make of the events."""
    env = {**os.environ, **environment_of(databases, "webhook_delivery"), "PYTHONPATH": f"{code}:{ROOT}"}
    others = {f"{name}_URL": "http://127.0.0.1:1" for name in ("INVOICE", "PAYMENT", "SUBSCRIPTION_RENEWAL")}
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "releases" / "consume.py")],
        input=json.dumps({"admin_dsn": dsn, "password": PASSWORD, "events": events}),
        env={**env, **others, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"},
        cwd=code,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(ANSWER)]
    assert lines, done.stderr[-3000:] + done.stdout[-2000:]
    found: dict[str, Any] = json.loads(lines[0].removeprefix(ANSWER))
    return found


def misread(found: dict[str, Any]) -> list[str]:
    """The letters that were set aside for another reason than rows that are not there."""
    return [
        f"{service}: {letter['dead_letter_topic']}: {letter['dead_letter_error'][:300]}"
        for service, one in found.items()
        for letter in one["letters"]
        if letter["dead_letter_reason"] != "poison"
        or not letter["dead_letter_error"].startswith(OF_MISSING_ROWS)
    ]


def test_consumers_of_the_last_release_hear_events_of_today(
    release: Path, empty: str, databases: Databases
) -> None:
    planted = json.loads(corpus()["payment.created.v1"])
    planted["data"]["state"] = "a_word_of_tomorrow"
    broken = {"topic": "payment.created", "value": json.dumps({**planted, "id": str(new_id())})}

    found = hear(release, empty, databases, [*of_today(), broken])

    # That release knew its words alone: the planted one shows that a misreading is seen here.
    faults = misread(found)
    assert {fault.partition(":")[0] for fault in faults} == {"invoice", "webhook_delivery"}
    assert all("payment.created: ValidationError" in fault for fault in faults), faults
    assert len(faults) == 2
    assert all(one["heard"] for one in found.values())


def test_consumers_of_today_hear_events_of_all_releases_and_of_tomorrow(
    empty: str, databases: Databases
) -> None:
    planted = json.loads(corpus()["payment.created.v1"])
    planted["data"] |= {"state": "a_word_of_tomorrow", "field_of_tomorrow": {}}
    events = [{"topic": name.rpartition(".v")[0], "value": text} for name, text in corpus().items()]
    tomorrow = {"topic": "payment.created", "value": json.dumps({**planted, "id": str(new_id())})}
    del planted["data"]["amount_minor"]
    broken = {"topic": "payment.created", "value": json.dumps({**planted, "id": str(new_id())})}

    found = hear(ROOT, empty, databases, [*events, tomorrow, broken])

    # Only who reads the data needs all of it; webhook delivery passes it on.
    (fault,) = misread(found)
    assert fault.startswith("invoice: payment.created: ValidationError")
    assert found["webhook_delivery"]["letters"] == []


def test_schemas_of_today_break_nothing_of_a_release(release: Path, request: Any) -> None:
    since = WORDS_SINCE.get(request.node.callspec.id, {})
    faults = [
        f"{type_}: {fault}"
        for type_, event in EVENTS.items()
        if (path := release / "schemas" / "events" / f"{type_}.v1.json").exists()
        for fault in breaking(parts.read(path), schemas.schema(event))
    ]

    told = [
        fault
        for fault in faults
        if not any(
            f".{name}: readers of" in fault and fault.endswith(f"not {sorted(words)}")
            for name, words in since.items()
        )
    ]
    assert told == [], (
        "readers of that release fail at it: give the class a new schema_version, or say so above"
    )
