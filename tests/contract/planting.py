"""Copies of the code in which a test plants a fault, to see that a rule finds it."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "static")


def a_copy(folder: Path, *parts: str) -> Path:
    """Copy these folders of the code, all but `tests` when none is named; gives the copy's root."""
    for part in parts or ("shared", "services", "deploy"):
        shutil.copytree(ROOT / part, folder / part, ignore=_LEFT_OUT)
    return folder


def plant(root: Path, path: str, text: str) -> None:
    """Add text at the end of a file, which is made when there is none."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_text() if file.exists() else ""
    file.write_text(f"{before}\n{text}\n")
