"""`python -m sdks.packages`: builds the SDKs' packages into `.local/dist` and installs each where nothing is.

Needs registries of Python packages (for the backend that builds, and httpx) and of npm (for the compiler).
A program that only has the SDK must run there; what else is there is written down as CycloneDX.
"""

import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from deploy.local.console import Console
from sdks import building

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / "sdks" / "python"
DIST = ROOT / ".local" / "dist"
# What sys.argv holds is setuptools' own after its first call.
_BUILD = "import sys, setuptools.build_meta as b; to = sys.argv[1]; b.build_sdist(to); b.build_wheel(to)"
_TRY = """
import billing_sdk
from billing_sdk import AsyncBilling, Billing, Webhook, errors, money
client = Billing("blg_test_nothing", base_url="http://127.0.0.1:9", max_retries=0)
try:
    client.invoices.get("x")
except errors.ConnectionFailed:
    print(billing_sdk.__version__, money.to_decimal(11900, "EUR"))
"""
_TRY_JS = """
const client = new sdk.Billing({ apiKey: "blg_test_nothing", baseUrl: "http://127.0.0.1:9", maxRetries: 0 });
client.invoices.get("x").catch((error) => console.log(error.name, sdk.money.toDecimal(11900, "EUR")));
"""
_TRY_ESM = f"import * as sdk from '@billing/sdk';{_TRY_JS}"
_TRY_CJS = f"const sdk = require('@billing/sdk');{_TRY_JS}"


def main() -> int:
    """Build, list, install and try; leaves with 1 when a step fails."""
    console = Console()
    DIST.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        with console.working("packages", "wheel and sdist of the Python SDK"):
            wheel = build(Path(folder))
        with console.working("bill of materials", "what an empty environment has after pip install"):
            install(Path(folder), wheel)
        with console.working("npm package", "tarball of the JavaScript SDK, installed where nothing is"):
            install_tarball(Path(folder))
    print(*sorted(path.relative_to(ROOT) for path in DIST.iterdir()), sep="\n")
    return 0


def build(folder: Path) -> Path:
    """The wheel; the sdist lies beside it."""
    source = folder / "source"
    # Of a copy, so that no build leaves anything in the repository.
    left_out = shutil.ignore_patterns("tests", "*.egg-info", "__pycache__", "ruff.toml")
    shutil.copytree(PYTHON, source, ignore=left_out)
    python = environment(folder / "building", "setuptools>=77")
    for old in DIST.glob("billing_sdk-*"):
        old.unlink()
    run([python, "-c", _BUILD, str(DIST)], source)
    [wheel] = DIST.glob("billing_sdk-*.whl")
    return wheel


def install(folder: Path, wheel: Path) -> None:
    """Install a wheel where nothing else is, run a program with it, and write down what is there."""
    python = environment(folder / "empty", str(wheel))
    said = run([python, "-I", "-c", _TRY], folder)
    assert said.split()[1] == "119.00", said
    materials = [sys.executable, "-m", "cyclonedx_py", "environment", python, "--output-reproducible"]
    (DIST / "billing-sdk-python.cdx.json").write_text(run(materials, folder))


def install_tarball(folder: Path) -> None:
    """Pack the JavaScript SDK, install it where nothing is, and run a program with it, ESM and CommonJS."""
    building.build()
    tarball = building.pack(DIST)
    place = folder / "npm"
    place.mkdir()
    (place / "package.json").write_text('{ "private": true }')
    run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--offline", str(tarball)], place)
    for name, program in (("try.mjs", _TRY_ESM), ("try.cjs", _TRY_CJS)):
        (place / name).write_text(program)
        said = run(["node", name], place)
        assert said.split() == ["ConnectionFailed", "119.00"], said


def environment(path: Path, *packages: str) -> str:
    """The interpreter of an environment with these packages and what they need."""
    venv.create(path, with_pip=True)
    python = str(path / "bin" / "python")
    run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], path)
    return python


def run(command: list[str], folder: Path) -> str:
    """What a command says; raises CalledProcessError with its output where it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
        done.check_returncode()
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
