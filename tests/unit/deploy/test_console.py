"""What a person sees while something goes on."""

import asyncio
import time

import pytest

from deploy.local import console as module
from deploy.local.console import Console
from deploy.local.install import progress, wanted


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.01)


def test_work_tells_now_and_then_that_it_goes_on_and_how_long_it_took(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console = Console(is_terminal=False)

    with console.working("packages", "all") as tell:
        tell("3 of 7")
        time.sleep(0.1)

    said = capsys.readouterr().out
    assert "  … packages 3 of 7: 0 s" in said
    assert "✓ packages             3 of 7" in said
    assert not console.under_way


def test_work_that_fails_is_not_said_to_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(is_terminal=False)

    with pytest.raises(ValueError, match="broken"), console.working("packages"):
        raise ValueError("broken")

    assert "✓" not in capsys.readouterr().out
    assert not console.under_way


async def test_steps_of_a_loop_tell_so_too_and_the_last_one_ends_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console = Console(is_terminal=False)

    async with console.step("kafka"), console.step("schemas"):
        await asyncio.sleep(0.1)

    assert "  … kafka, schemas: 0 s" in capsys.readouterr().out
    await asyncio.sleep(0.05)
    assert capsys.readouterr().out == ""


def test_what_is_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Console(is_quiet=True, is_terminal=False).working("packages"):
        time.sleep(0.05)

    assert capsys.readouterr().out == ""


def test_the_first_installation_counts_the_packages_that_pip_looks_at() -> None:
    lines = [
        "Ignoring pywin32: markers 'sys_platform == \"win32\"' don't match your environment",
        "Collecting aiohttp==3.14.5 (from -r requirements-dev.lock (line 7))",
        "  Downloading aiohttp-3.14.5-cp311-cp311-manylinux.whl (1.3 MB)",
        "Requirement already satisfied: attrs==25.1 in ./lib",
        "Installing collected packages: aiohttp",
        "Successfully installed aiohttp-3.14.5",
    ]

    assert list(progress(lines, 3)) == [
        "1 of 2, aiohttp",
        "2 of 2, attrs",
        "2 fetched, unpacking",
        "1 installed",
    ]


def test_a_lock_file_names_each_package_once() -> None:
    first = "# by uv\naiohttp==3.14.5 \\\n    --hash=sha256:00\n    # via x==1\n"
    lock = f"{first}pywin32==1 ; sys_platform == 'win32'\n"

    assert wanted(lock) == 2
