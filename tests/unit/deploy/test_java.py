"""Which Java runs Kafka."""

from pathlib import Path

import pytest

from deploy.local import java
from deploy.local.errors import LocalError


def a_java(directory: Path, printed: str) -> Path:
    """A program that prints its version as a JVM does."""
    path = directory / "bin" / "java"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho '{printed}' >&2\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "25" 2025-09-16', 25),
        ('java version "1.8.0_392"', 8),
        ("no version at all", 0),
    ],
)
def test_the_version_is_read_from_what_java_prints(tmp_path: Path, printed: str, version: int) -> None:
    assert java.version(a_java(tmp_path, printed)) == version


def test_a_java_that_is_absent_has_version_zero(tmp_path: Path) -> None:
    assert java.version(tmp_path / "java") == 0


def test_java_home_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = a_java(tmp_path, 'openjdk version "21.0.1"')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    assert java.find_java() == own


def test_a_java_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = a_java(tmp_path / "old", 'openjdk version "11.0.1"')
    new = a_java(tmp_path / "new", 'openjdk version "17.0.1"')
    monkeypatch.setattr(java, "candidates", lambda: iter([old, new]))

    assert java.find_java() == new


def test_without_any_java_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "candidates", lambda: iter([]))

    with pytest.raises(LocalError, match="install a JDK, set JAVA_HOME"):
        java.find_java()
