"""Each service stands alone: with `shared/` and nothing else beside it, its `main` can be imported."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

TIMEOUT_SECONDS = 60


def fault(root: Path, service: str, folder: Path) -> str | None:
    """Copy `shared/` and the service into the empty `folder` and import its main there, without settings.

    Python takes a compiled file for what stands in its source alone: those that are there are copied too.
    """
    shutil.copytree(root / "shared", folder / "shared")
    shutil.copytree(root / "services" / service, folder / "services" / service)
    shutil.copy(root / "services" / "__init__.py", folder / "services")
    result = subprocess.run(
        [sys.executable, "-c", f"import services.{service}.main"],
        cwd=folder,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if result.returncode == 0:
        return None
    return f"services.{service}.main does not stand alone: {result.stderr.strip().splitlines()[-1]}"
