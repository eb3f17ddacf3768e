"""The browser of the tests is found where a person chose it, then on PATH, and only when it runs."""

from pathlib import Path

import pytest

from deploy.local import chromium
from deploy.local.errors import LocalError


def a_program(path: Path, status: int = 0) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {status}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "ON_A_MAC", tmp_path / "no mac")
    return folder


def test_the_chosen_browser_comes_before_those_on_path(
    tmp_path: Path, on_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = a_program(tmp_path / "mine")
    a_program(on_path / "chromium")
    monkeypatch.setenv("CHROMIUM", str(chosen))

    assert chromium.find_chromium() == chosen


def test_a_browser_that_does_not_run_is_passed_over(on_path: Path) -> None:
    a_program(on_path / "chromium-browser", status=1)
    runs = a_program(on_path / "google-chrome")

    assert chromium.find_chromium() == runs


def test_without_any_browser_the_reason_says_what_to_do() -> None:
    with pytest.raises(LocalError, match="install Chromium or Google Chrome, or set CHROMIUM"):
        chromium.find_chromium()


def test_where_it_cannot_be_installed_the_tests_can_still_run(capsys: pytest.CaptureFixture[str]) -> None:
    chromium.main()

    assert "tests of pages will be skipped" in capsys.readouterr().err


def test_a_failing_installation_tells_the_reason_of_its_tool(
    on_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_program(on_path / "apt-get").write_text("#!/bin/sh\necho 'no such network' >&2\nexit 100\n")
    monkeypatch.setattr("os.geteuid", lambda: 0)

    with pytest.raises(LocalError, match=r"apt-get update.*no such network"):
        chromium.install()
