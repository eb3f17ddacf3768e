"""The command line with a configuration of its own, and without anybody's environment."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's profiles lie."""
    for name in [name for name in os.environ if name.startswith("BLG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BLG_CONFIG_DIR", str(tmp_path / "blg"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("blg.api.BASE_SECONDS", 0.01)
    return tmp_path / "blg"
