"""`make check`: what changed, which tests that asks for, and steps that tell how they ended."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.console import Console
from deploy.quality import check
from deploy.quality.affected import affected
from deploy.quality.changes import NoSuchRevision, changes
from deploy.quality.steps import Step, run_all


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


def write(root: Path, path: str, text: str = "") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def commit(root: Path, *paths: str) -> None:
    for path in paths:
        write(root, path, path)
    git(root, "add", "--all")
    git(root, "commit", "--message", "more")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--initial-branch", "main")
    commit(tmp_path, "a.py", "b.py")
    commit(tmp_path, "c.py")
    return tmp_path


def names(root: Path, since: str = "") -> list[str]:
    return [str(path) for path in changes(root, since).paths]


def test_on_main_the_last_commit_and_what_is_not_committed_counts(repository: Path) -> None:
    write(repository, "a.py", "changed")
    write(repository, "new folder/ü.py")
    (repository / "b.py").unlink()

    assert names(repository) == ["a.py", "c.py", "new folder/ü.py"]


def test_on_a_branch_everything_since_it_left_main_counts_and_not_what_main_did_since(
    repository: Path,
) -> None:
    git(repository, "checkout", "-b", "mine")
    commit(repository, "d.py")
    commit(repository, "e.py")
    git(repository, "checkout", "main")
    commit(repository, "theirs.py")
    git(repository, "checkout", "mine")

    assert names(repository) == ["d.py", "e.py"]
    assert changes(repository).since.startswith("main (")


def test_a_first_commit_is_all_new(tmp_path: Path) -> None:
    git(tmp_path, "init", "--initial-branch", "main")
    commit(tmp_path, "a.py")

    assert names(tmp_path) == ["a.py"]


def test_since_names_any_commit_and_nothing_else(repository: Path) -> None:
    assert names(repository, "HEAD~1") == ["c.py"]
    for wrong in ("typo", "--all", "HEAD~9"):
        with pytest.raises(NoSuchRevision, match="SINCE takes"):
            changes(repository, wrong)


def test_a_wrong_revision_is_told_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["--since", "typo"]) == 2
    assert "There is no commit 'typo'" in capsys.readouterr().err


@pytest.fixture
def code(tmp_path: Path) -> Path:
    write(tmp_path, "shared/sales/__init__.py", "from shared.sales.line import Line")
    write(tmp_path, "shared/sales/line.py")
    write(tmp_path, "shared/sales/quote.py")
    write(tmp_path, "tests/unit/conftest.py")
    write(tmp_path, "tests/unit/test_line.py", "from shared.sales import Line")
    write(tmp_path, "tests/unit/test_quote.py", "def test():\n    import shared.sales.quote")
    write(tmp_path, "tests/integration/test_lines.py", "from shared.sales import line")
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (["shared/sales/quote.py"], {"tests/unit/test_quote.py"}),
        # Through the `__init__` of its package, which hands it on.
        (["shared/sales/line.py"], {"tests/unit/test_line.py"}),
        (["tests/integration/test_lines.py"], {"tests/integration/test_lines.py"}),
        (["tests/unit/conftest.py"], {"tests/unit/test_line.py", "tests/unit/test_quote.py"}),
        (["README.md"], set()),
    ],
)
def test_a_change_asks_for_the_tests_that_import_it(
    code: Path, changed: list[str], expected: set[str]
) -> None:
    found = affected(code, map(Path, changed))

    assert {str(path) for path in found} == expected
    assert all(found.values())


async def test_steps_tell_what_failed_with_its_output_and_the_others_go_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = [sys.executable, "-c", "print('line 7 is wrong'); raise SystemExit(3)"]
    good = [sys.executable, "-c", "print('nobody needs this')"]
    told = [sys.executable, "-c", "print('advice')"]
    planned = [
        Step("style", "of all", bad, "mend it"),
        Step("types", "of all", good),
        Step("rules", "of all", told, is_told=True),
    ]

    failed = await run_all(Console(is_terminal=False), planned)

    said = capsys.readouterr().out
    assert failed == ["style"]
    assert "✗ style" in said
    assert "    line 7 is wrong\n    → mend it" in said
    assert "✓ types" in said
    assert "    advice" in said
    assert "nobody needs this" not in said


def test_what_changed_decides_what_is_looked_at() -> None:
    def asked(*paths: str) -> list[str]:
        return [step.name for step in check.steps(tuple(map(Path, paths)))]

    assert asked("shared/kernel/ids.py") == ["style", "format", "types", "our rules", "imports"]
    assert asked("tests/unit/deploy/test_ports.py") == ["style", "format", "our rules", "imports"]
    assert asked("tests/conftest.py") == ["style", "format", "types", "our rules", "imports"]
    assert asked("services/invoice/migrations/0001_start.sql") == ["migrations"]
    assert asked("docker-compose.yml") == ["compose file"]
    assert asked("README.md") == []
