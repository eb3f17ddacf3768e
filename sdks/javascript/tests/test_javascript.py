"""The JavaScript SDK: it compiles, and its own tests pass, the cases of all SDKs among them."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from sdks.building import SOURCE, NoNode, build


def test_it_compiles_and_passes_every_case() -> None:
    try:
        folder = build()
    except NoNode as error:
        pytest.skip(str(error))
    shutil.rmtree(folder / "test", ignore_errors=True)
    shutil.copytree(SOURCE / "test", folder / "test")
    done = subprocess.run(
        ["node", "--test", "test/"],
        cwd=folder,
        env={**os.environ, "PYTHON": sys.executable, "SDKS": str(SOURCE.parent)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-8_000:]
    passed = re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed
    assert int(passed[1]) > 180
