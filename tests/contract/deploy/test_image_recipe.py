"""hadolint reads the image's recipe."""

from pathlib import Path

import pytest

from deploy.checks import __main__ as checks


def test_the_recipe_has_no_fault() -> None:
    assert checks.dockerfile() == []


def test_a_fault_in_the_recipe_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = tmp_path / "Dockerfile"
    planted.write_text(checks.DOCKERFILE.read_text() + "\nRUN cd /tmp && apt-get install -y curl\n")
    monkeypatch.setattr(checks, "DOCKERFILE", planted)

    found = "".join(checks.dockerfile())

    assert "DL3003" in found
    assert "DL3008" in found
