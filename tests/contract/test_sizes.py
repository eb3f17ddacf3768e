"""What can hardly be read at once is told, and is no fault."""

from pathlib import Path

import pytest

from deploy.lint import __main__ as command
from deploy.lint import sizes
from tests.contract.planting import plant


def test_a_long_file_is_told(tmp_path: Path) -> None:
    plant(tmp_path, "shared/kernel/ids.py", "\n" * 300)

    assert sizes.advice(tmp_path) == ["shared/kernel/ids.py: 302 lines, more than 300"]


def test_a_long_function_is_told_wherever_it_stands_and_one_of_40_lines_is_not(tmp_path: Path) -> None:
    plant(tmp_path, "shared/a.py", "def forty():\n" + "    pass\n" * 39)
    plant(tmp_path, "shared/b.py", "class A:\n    async def more(self):\n" + "        pass\n" * 40)
    plant(
        tmp_path, "shared/c.py", "try:\n    pass\nexcept OSError:\n    def long():\n" + "        pass\n" * 40
    )

    assert sizes.advice(tmp_path) == [
        "shared/b.py:3: more() has 41 lines, more than 40",
        "shared/c.py:5: long() has 41 lines, more than 40",
    ]


def test_a_long_file_fails_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(tmp_path, "shared/kernel/ids.py", "\n" * 300)
    (tmp_path / "services").mkdir()
    monkeypatch.chdir(tmp_path)

    assert command.main([]) == 0
    assert "1 files or functions are long" in capsys.readouterr().out
    assert command.main(["--sizes"]) == 0
    assert "shared/kernel/ids.py: 302 lines" in capsys.readouterr().out


def test_nothing_long_is_nothing_said() -> None:
    assert sizes.summary([]) == ""
