"""What is in the image: its Python packages with their licences, and the packages of its Debian."""

import json
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deploy.docker.engine import engine
from deploy.local.errors import LocalError

_DEBIAN = ["dpkg-query", "--show", "--showformat", "${Package}\\t${Version}\\t${Architecture}\\n"]
_LIBRARIES = "import json, sysconfig; print(json.dumps(sysconfig.get_path('purelib')))"


def sbom(image: str) -> dict[str, Any]:
    """A CycloneDX bill of materials of the image; raises LocalError."""
    with tempfile.TemporaryDirectory() as folder:
        found = _python_packages(image, Path(folder))
    found["metadata"]["component"] = {"type": "container", "name": "billing", "bom-ref": "billing"}
    found["components"] += _debian_packages(image)
    return found


def _python_packages(image: str, folder: Path) -> dict[str, Any]:
    libraries = json.loads(engine(["run", "--rm", "--entrypoint", "python", image, "-c", _LIBRARIES]))
    container = engine(["create", image]).decode().strip()
    try:
        engine(["cp", f"{container}:{libraries}", str(folder / "libraries")])
    finally:
        engine(["rm", container])
    # The tool asks an interpreter where its packages are: this one answers for the image's.
    interpreter = folder / "python"
    interpreter.write_text(f"#!/bin/sh\necho '{json.dumps([str(folder / 'libraries')])}'\n")
    interpreter.chmod(interpreter.stat().st_mode | stat.S_IXUSR)
    tool = Path(sys.executable).with_name("cyclonedx-py")
    done = subprocess.run(
        [tool, "environment", "--output-reproducible", interpreter], capture_output=True, check=False
    )
    if done.returncode:
        raise LocalError(f"cyclonedx-py: {done.stderr.decode(errors='replace')}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _debian_packages(image: str) -> list[dict[str, Any]]:
    text = engine(["run", "--rm", "--entrypoint", _DEBIAN[0], image, *_DEBIAN[1:]]).decode()
    return [_debian_component(*line.split("\t")) for line in text.splitlines()]


def _debian_component(name: str, version: str, architecture: str) -> dict[str, Any]:
    url = f"pkg:deb/debian/{quote(name)}@{quote(version, safe='')}?arch={architecture}"
    return {"type": "library", "name": name, "version": version, "purl": url, "bom-ref": url}
