"""The chart's smoke test, told to the platform that runs here."""

import os
import subprocess
import sys
from pathlib import Path

from tests.journeys.conftest import Stack

SCRIPT = Path(__file__).parents[2] / "deploy" / "helm" / "billing" / "files" / "smoke.py"


def run(**environment: str) -> "subprocess.CompletedProcess[str]":
    """The script, as the chart's pod runs it: nothing but Python and two variables."""
    command = [sys.executable, "-I", str(SCRIPT)]
    whole = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(command, env=whole, capture_output=True, text=True, timeout=120, check=False)


def test_an_invoice_goes_through_the_whole_platform_and_a_wrong_token_is_told(stack: Stack) -> None:
    good = run(GATEWAY_URL=stack.gateway_url, ADMIN_TOKEN=stack.admin_token)
    refused = run(GATEWAY_URL=stack.gateway_url, ADMIN_TOKEN="not-the-token-that-it-is")

    assert good.returncode == 0, good.stdout + good.stderr
    assert good.stdout.splitlines()[-1] == "ok  invoice.paid is announced to integrators"
    assert refused.returncode == 1
    assert "POST /v1/workspaces answered 401" in refused.stderr
