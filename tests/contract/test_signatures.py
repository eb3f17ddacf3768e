"""The official libraries of two languages accept what we sign, and nothing that was changed on its way."""

import base64
import functools
import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from services.webhook_delivery.deliveries.domain import request as requests
from services.webhook_delivery.endpoints.domain import secret as secrets
from services.webhook_delivery.endpoints.domain.target import Target
from tests.unit.webhook_delivery.builders import a_delivery, an_endpoint

HERE = Path(__file__).parent / "signatures"
# npm's downloads stay beside the other ones of the local stack.
INSTALLED = Path(".local/signatures")
BODY = '{"type":"order.packed","timestamp":"2026-04-11T09:00:00Z","data":{"text":"é €","rate":1.10}}'
Verdict = dict[str, Any]


def in_python(sent: list[dict[str, Any]]) -> list[Verdict]:
    """What the Python library says."""
    verdicts: list[Verdict] = []
    for one in sent:
        try:
            found = Webhook(one["secret"]).verify(one["body"].encode(), one["headers"])
            verdicts.append({"verified": found})
        except WebhookVerificationError as error:
            verdicts.append({"refused": str(error)})
    return verdicts


def in_javascript(sent: list[dict[str, Any]]) -> list[Verdict]:
    """What the JavaScript library says."""
    done = subprocess.run(
        ["node", str(_installed() / "verify.js")],
        input=json.dumps(sent),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return list(json.loads(done.stdout))


@functools.cache
def _installed() -> Path:
    """The folder with the package, installed by its lock file."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are not here: the JavaScript library cannot be asked")
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "verify.js"):
        shutil.copy(HERE / name, INSTALLED)
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
        check=False,
        cwd=INSTALLED,
        env=os.environ | {"npm_config_update_notifier": "false"},
        capture_output=True,
        text=True,
        timeout=180,
    )
    if done.returncode:
        if os.environ.get("CI"):
            pytest.fail(done.stderr[-2_000:])
        pytest.skip(f"npm could not install the JavaScript library: {done.stderr[-300:]}")
    return INSTALLED


LIBRARIES = [pytest.param(in_python, id="python"), pytest.param(in_javascript, id="javascript")]


def signed(*keys: secrets.Secret, body: str = BODY, at: datetime | None = None) -> dict[str, Any]:
    """A request as the sender builds it; verified with the last of the secrets."""
    target = Target(an_endpoint(), keys, {"x-own": "1"})
    built = requests.build_request(target, a_delivery(target, body=body.encode()), at or datetime.now(UTC))
    return {"secret": keys[-1].text, "headers": dict(built.headers), "body": built.body.decode()}


def a_secret(size: int = 32) -> secrets.Secret:
    """A secret of so many bytes."""
    text = "whsec_" + base64.b64encode(os.urandom(size)).decode()
    return secrets.parse_secret(text, datetime.now(UTC))


@pytest.mark.parametrize("verify", LIBRARIES)
def test_what_we_sign_is_accepted(verify: Any) -> None:
    generated, new, old = secrets.generate(datetime.now(UTC)), a_secret(24), a_secret(64)

    verdicts = verify([signed(generated), signed(a_secret(64)), signed(new, old), signed(old, new)])

    assert verdicts == [{"verified": json.loads(BODY)}] * 4


@pytest.mark.parametrize("verify", LIBRARIES)
def test_what_was_changed_is_refused(verify: Any) -> None:
    key, minutes = a_secret(), timedelta(minutes=6)
    body, other_id, other_key = signed(key), signed(key), signed(key)
    body["body"] = body["body"].replace("packed", "lost")
    other_id["headers"]["webhook-id"] = "msg_other"
    other_key["secret"] = a_secret().text
    late = signed(key, at=datetime.now(UTC) - minutes)
    early = signed(key, at=datetime.now(UTC) + minutes)

    verdicts = verify([body, other_id, other_key, late, early])

    assert [set(verdict) for verdict in verdicts] == [{"refused"}] * 5


@pytest.mark.parametrize("verify", LIBRARIES)
def test_a_secret_that_was_rotated_out_is_refused(verify: Any) -> None:
    old, new = a_secret(), a_secret()

    kept = secrets.rotate([old], new, timedelta(0))
    sent = signed(*kept) | {"secret": old.text}

    [verdict] = verify([sent])
    assert set(verdict) == {"refused"}
