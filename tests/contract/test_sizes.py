"""What can be read at once."""

from pathlib import Path

from deploy.lint import sizes
from tests.contract.planting import ROOT, a_copy, plant


def test_no_file_and_no_function_is_too_long() -> None:
    assert sizes.faults(ROOT) == []


def test_a_long_file_is_found(tmp_path: Path) -> None:
    root = a_copy(tmp_path, "shared")

    plant(root, "shared/kernel/ids.py", "\n" * 300)

    assert any("shared/kernel/ids.py: 3" in fault for fault in sizes.faults(root))


def test_a_long_function_is_found_and_one_of_40_lines_is_not(tmp_path: Path) -> None:
    plant(tmp_path, "shared/a.py", "def forty():\n" + "    pass\n" * 39)
    plant(tmp_path, "shared/b.py", "class A:\n    async def more(self):\n" + "        pass\n" * 40)

    assert sizes.faults(tmp_path) == ["shared/b.py:3: more() has 41 lines, at most 40"]
