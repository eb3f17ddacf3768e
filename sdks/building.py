"""Builds the JavaScript SDK in `.local/`, with the compiler that its lock file names; needs Node and npm."""

import hashlib
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "sdks" / "javascript"
FOLDER = ROOT / ".local" / "javascript"
_FILES = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "tsconfig.cjs.json", "mark-cjs.mjs")
_PACKED = ("README.md", "LICENSE")


class NoNode(Exception):
    """There is no Node here, or no npm."""


def build() -> Path:
    """The folder with the built package; what was built of the same files stands. Raises NoNode."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise NoNode("the JavaScript SDK needs Node 18 or newer and npm")
    wanted = _fingerprint()
    marker = FOLDER / ".built"
    if marker.exists() and marker.read_text() == wanted:
        return FOLDER
    shutil.rmtree(FOLDER / "src", ignore_errors=True)
    shutil.rmtree(FOLDER / "dist", ignore_errors=True)
    shutil.copytree(SOURCE / "src", FOLDER / "src")
    for name in (*_FILES, *_PACKED):
        shutil.copy(SOURCE / name, FOLDER / name)
    if not (FOLDER / "node_modules" / "typescript").exists():
        _run("npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts")
    _run("npm", "run", "--silent", "build")
    marker.write_text(wanted)
    return FOLDER


def pack(to: Path) -> Path:
    """The tarball of the built package."""
    name = _run("npm", "pack", "--silent", "--pack-destination", str(to)).strip().splitlines()[-1]
    return to / name


def _fingerprint() -> str:
    found = hashlib.sha256()
    for path in sorted([*(SOURCE / "src").rglob("*.ts"), *(SOURCE / name for name in (*_FILES, *_PACKED))]):
        found.update(path.relative_to(SOURCE).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


def _run(*command: str) -> str:
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return done.stdout
