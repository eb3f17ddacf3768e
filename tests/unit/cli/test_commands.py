"""Profiles, exit codes, calls of the API by their names, the clock's steps, completion."""

import json
import os
import subprocess
import sys
import tomllib
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from blg import config
from blg.commands import clock, trigger
from blg.errors import WrongUsage
from blg.main import COMMANDS, blg, main

from shared.events.registry import TOPICS
from tests.unit.cli.scripted import HANG_UP, serving

EXPLAINED = {
    "subject": {"type": "invoice", "id": "1", "number": None},
    "state": "open",
    "findings": [],
    "timeline": [],
    "unavailable": [],
}
IDENTITY = {"name": "a = b", "holds": False, "checked_count": 1, "fault_count": 12, "faults": ["1"]}
SCHEMAS = Path(__file__).parents[3] / "schemas" / "api" / "gateway.json"


def test_a_profile_is_remembered_where_nobody_else_reads_it(folder: Path, capsys: Any) -> None:
    with serving((200, {"data": []})) as platform:
        codes = [
            main(["login", "-p", "one", "--base-url", platform.url, "--api-key", 'blg_live_"x']),
            main(
                [
                    "login",
                    "-p",
                    "two",
                    "--base-url",
                    f"{platform.url}/",
                    "--token",
                    "t",
                    "--workspace",
                    "acme",
                ]
            ),
            main(["use", "one"]),
            main(["use", "three"]),
            main(["profiles", "--json"]),
        ]
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    file = folder / "config.toml"

    assert codes == [0, 0, 0, 2, 0]
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert tomllib.loads(file.read_text())["profiles"]["one"]["api_key"] == 'blg_live_"x'
    assert [(one["name"], one["mode"], one["current"]) for one in told] == [
        ("one", "live", True),
        ("two", "user", False),
    ]
    assert platform.asked[0].headers["x-api-key"]
    assert platform.asked[1].headers["x-tenant-slug"] == "acme"
    assert config.find().is_live


def test_a_wrong_key_is_not_remembered(folder: Path) -> None:
    with serving((401, {"detail": "Unknown key."})) as platform:
        assert main(["login", "--base-url", platform.url, "--api-key", "x", "-q"]) == 4
        assert main(["login", "--base-url", platform.url, "--api-key", "blg_é", "-q"]) == 2
        assert main(["login", "--base-url", "platform", "--api-key", "x", "-q"]) == 2
    assert not (folder / "config.toml").exists()


def test_the_environment_wins_and_a_stack_that_runs_here_is_the_last_resort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WrongUsage, match="blg login"):
        config.find()
    (tmp_path / ".local").mkdir()
    facts = {"gateway_url": "http://stack", "api_key": "k", "admin_token": "a"}
    (tmp_path / ".local" / "stack.json").write_text(json.dumps(facts))
    assert (config.find().base_url, config.find().admin_token) == ("http://stack", "a")
    config.write({"current": "one", "profiles": {"one": {"base_url": "http://one", "api_key": "1"}}})
    assert config.find().base_url == "http://one"
    monkeypatch.setenv("BLG_API_KEY", "other")
    assert (config.find().base_url, config.find().api_key) == ("http://one", "other")
    assert config.find(base_url="http://here").base_url == "http://here"
    monkeypatch.setenv("BLG_PROFILE", "none")
    with pytest.raises(WrongUsage, match="known: one"):
        config.find()


@pytest.mark.parametrize(
    ("arguments", "answer", "code"),
    [
        (["explain", "x"], (200, EXPLAINED), 0),
        (["explain", "x"], (404, {"detail": "There is nothing."}), 1),
        (["explain"], (200, {}), 2),
        (["nothing-such", "list"], (200, {"paths": {}}), 2),
        (["explain", "x"], HANG_UP, 3),
        (["explain", "x"], (401, {"detail": "No."}), 4),
        (["prove"], (200, {"holds": False, "identities": [IDENTITY]}), 1),
        (["replay"], (200, {}), 2),
        (["replay", "msg_1"], (200, {"data": [], "meta": {}}), 1),
        (["ops", "workspaces"], (200, {}), 2),
        (["trigger", "contact.created"], (200, {}), 2),
    ],
)
def test_the_exit_code_says_what_happened(
    arguments: list[str], answer: Any, code: int, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("BLG_API_KEY", "blg_live_x")
    with serving(answer) as platform:
        assert main([*arguments, "--base-url", platform.url, "--json", "-q"]) == code
    said = capsys.readouterr()
    if code == 2 and "error" not in said.out:
        assert "Error" in said.err or said.err
    elif code:
        assert json.loads(said.out.splitlines()[-1])
    assert "blg_live_x" not in said.out + said.err


def test_every_call_of_the_api_is_a_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    description = json.loads(SCHEMAS.read_text())
    monkeypatch.setenv("BLG_API_KEY", "blg_test_x")

    def answer(asked: Any) -> Any:
        return (200, description) if asked.target == "/openapi.json" else (200, {"id": "7", "name": "A"})

    with serving(answer) as platform:
        at = ["--base-url", platform.url, "--json"]
        codes = [
            main(["contacts", "create", "--name", "A", "--tags", '["x"]', "--metadata", '{"a": "b"}', *at]),
            main(["contacts", "update", "7", "--email", "null", *at]),
            main(
                [
                    "invoices",
                    "credit-notes",
                    "create",
                    "i/1",
                    "--data",
                    '{"refund_minor": 5}',
                    "--reason",
                    "r",
                    *at,
                ]
            ),
            main(["invoices", "list", "--status", "open", "--status", "paid", "--limit", "3", *at]),
            main(
                ["payments", "create", "--data", '{"amount_minor": 1.10}', "--idempotency-key", "mine", *at]
            ),
            main(["resources", *at]),
            main(["contacts", "create", "--tags", "{", *at]),
            main(["contacts", "create", "--data", "{", *at]),
            main(["contacts", "nothing", *at]),
        ]
    capsys.readouterr()
    asked = [one for one in platform.asked if one.target != "/openapi.json"]
    operations = [
        operation["operationId"]
        for item in description["paths"].values()
        for method, operation in item.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]
    unknown = [name for name in operations if not _is_command(name.split("."), platform.url)]
    # That has a command of its own.
    unknown.remove("explain.get")

    assert codes == [0, 0, 0, 0, 0, 0, 2, 2, 2]
    assert [(one.method, one.target) for one in asked] == [
        ("POST", "/v1/contacts"),
        ("PATCH", "/v1/contacts/7"),
        ("POST", "/v1/invoices/i%2F1/credit-notes"),
        ("GET", "/v1/invoices?status=open&status=paid&limit=3"),
        ("POST", "/v1/payments"),
    ]
    assert json.loads(asked[0].body) == {"name": "A", "tags": ["x"], "metadata": {"a": "b"}}
    assert json.loads(asked[1].body) == {"email": None}
    assert json.loads(asked[2].body) == {"refund_minor": 5, "reason": "r"}
    assert (asked[4].body, asked[4].headers["idempotency-key"]) == (b'{"amount_minor": 1.10}', "mine")
    # The description is asked for once a day.
    assert len(platform.asked) == len(asked) + 1
    assert unknown == []


def _is_command(name: list[str], url: str) -> bool:
    import click
    from blg.main import Context

    ctx = click.Context(blg, obj=Context(base_url=url))
    found: click.Command | None = blg
    for step in name:
        if not isinstance(found, click.Group):
            return False
        found = found.get_command(ctx, step.replace("_", "-"))
    return isinstance(found, click.Command)


def test_what_moves_live_money_takes_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLG_API_KEY", "blg_live_x")
    description = json.loads(SCHEMAS.read_text())

    def answer(asked: Any) -> Any:
        return (200, description) if asked.target == "/openapi.json" else (200, {})

    with serving(answer) as platform:
        arguments = ["payments", "create", "--base-url", platform.url, "--data", "{}", "--json", "-q"]
        monkeypatch.setattr(sys, "stdin", StringIO())
        assert main(arguments) == 2
        assert main([*arguments, "--yes"]) == 0
    assert [asked.method for asked in platform.asked] == ["GET", "POST"]


@pytest.mark.parametrize(
    ("step", "at"),
    [
        ("+1mo", "2026-02-28T10:00:00+00:00"),
        ("+13mo", "2027-02-28T10:00:00+00:00"),
        ("+1y", "2027-01-31T10:00:00+00:00"),
        ("+2w", "2026-02-14T10:00:00+00:00"),
        ("+36h", "2026-02-01T22:00:00+00:00"),
        ("2026-03-01", "2026-03-01T00:00:00+00:00"),
    ],
)
def test_the_clock_moves_by_steps_or_to_an_instant(step: str, at: str) -> None:
    assert datetime.fromisoformat(clock.target("2026-01-31T10:00:00Z", step)) == datetime.fromisoformat(at)
    with pytest.raises(WrongUsage):
        clock.target("2026-01-31T10:00:00Z", "tomorrow")


def test_every_event_type_can_be_triggered_or_says_why_not() -> None:
    known = trigger.fixtures()

    told = {*known["events"], *known["cannot"]}
    assert set(TOPICS) - told == set()
    assert set(known["events"]) & set(known["cannot"]) == set()
    assert told <= set(TOPICS)
    for steps in [*known["events"].values(), *(one["steps"] for one in known["scenarios"].values())]:
        assert all(isinstance(step, dict) for step in trigger.unfolded(known, steps))


def test_it_starts_at_once_and_loads_nothing_that_it_does_not_need() -> None:
    code = (
        "import sys, blg.main; print([name for name in ('httpx', 'rich', 'asyncio') if name in sys.modules])"
    )
    path = os.pathsep.join(sys.path)

    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": path},
    )

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_of_the_shell(shell: str) -> None:
    from blg import completion

    assert "_BLG_COMPLETE" in completion.script(shell)


def test_help_names_every_command(capsys: Any) -> None:
    assert main([]) == 0
    told = capsys.readouterr().out

    assert [name for name in COMMANDS if f"  {name} " not in told] == []
    for name in COMMANDS:
        assert main([name, "--help"]) == 0


def test_a_banks_file_goes_out_as_it_is_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLG_API_KEY", "blg_test_x")
    content = b":20:STARTUMSE\r\n\xff"
    (file := tmp_path / "week 1.sta").write_bytes(content)
    with serving(HANG_UP, (201, {"id": "1"})) as platform:
        arguments = ["import", "bank", str(file), "--base-url", platform.url, "--json", "-q"]
        codes = [main(arguments), main([*arguments, "--dry-run"])]

    assert codes == [0, 2]
    assert {(asked.target, asked.body) for asked in platform.asked} == {
        ("/v1/bank-imports?file_name=week+1.sta", content)
    }
    assert {asked.headers["content-type"] for asked in platform.asked} == {"application/octet-stream"}
    assert len({asked.headers["idempotency-key"] for asked in platform.asked}) == 1
