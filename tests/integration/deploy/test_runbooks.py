"""What the runbooks tell to type works: every statement with the login it names, every command."""

import asyncio
import re
import runpy
import shlex
import sys
from pathlib import Path

import asyncpg
import pytest

from tests.conftest import PASSWORD, Databases

FOLDER = Path(__file__).parents[3] / "deploy/runbooks"
PAGES = sorted(FOLDER.glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
LOGIN = re.compile(r"-- login: (\w+)\n")


def blocks(language: str) -> list[tuple[str, str]]:
    """Every fenced block of the language, with the page that it is on."""
    return [
        (page.stem, body)
        for page in PAGES
        for found, body in BLOCK.findall(page.read_text())
        if found == language
    ]


def dsn_of(databases: Databases, login: str) -> str:
    if login == "postgres":
        return databases.admin_dsn
    service, _, role = login.rpartition("_")
    assert role == "worker", login
    return databases.worker_dsn(service)


async def test_every_statement_works_with_its_login(databases: Databases) -> None:
    found = blocks("sql")
    connections: dict[str, asyncpg.Connection] = {}

    wrong = []
    for page, body in found:
        login = LOGIN.match(body)
        assert login, f"{page}: say whose login this needs: -- login: …"
        if login.group(1) not in connections:
            connections[login.group(1)] = await asyncpg.connect(dsn_of(databases, login.group(1)))
        for statement in filter(None, map(str.strip, body[login.end() :].split(";"))):
            try:
                await connections[login.group(1)].execute(statement)
            except asyncpg.PostgresError as error:
                wrong.append(f"{page}: {error}: {statement}")
    for connection in connections.values():
        await connection.close()

    assert len(found) > 20
    assert wrong == []


@pytest.mark.filterwarnings("ignore:.*found in sys.modules after import")
async def test_every_command_works(
    databases: Databases, kafka_servers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = sorted({line for _, body in blocks("sh") for line in body.splitlines()})
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka_servers)
    monkeypatch.setenv("KAFKA_PARTITIONS", "3")
    monkeypatch.setenv("KAFKA_REPLICATION_FACTOR", "1")
    monkeypatch.setenv("POSTGRES_WORKER_DSN", databases.worker_dsn("payment"))
    monkeypatch.setenv("POSTGRES_DSN", databases.admin_dsn)
    monkeypatch.setenv("POSTGRES_ROLE_PASSWORD", PASSWORD)

    ends = {}
    for command in commands:
        python, flag, module, *arguments = shlex.split(command)
        assert (python, flag) == ("python", "-m")
        monkeypatch.setattr(sys, "argv", [module, *arguments])
        ends[command] = await asyncio.to_thread(_run, module)

    assert len(commands) >= 5
    assert ends == dict.fromkeys(commands, 0)


def _run(module: str) -> int:
    """The code that the program leaves with; in a thread, where it may have a loop of its own."""
    try:
        runpy.run_module(module, run_name="__main__")
    except SystemExit as end:
        return int(end.code or 0)
    return 0
