"""Programs that cannot start say why in a line; what is not there yet is waited for."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local.ports import free_port
from tests.conftest import SECRET, Databases

ROOT = Path(__file__).parents[3]
KEY = "k1:" + "A" * 43 + "="
RIGHT = {
    "POSTGRES_API_DSN": "postgresql://payment_api:never-shown@127.0.0.1:1/billing",
    "POSTGRES_WORKER_DSN": "postgresql://payment_worker:never-shown@127.0.0.1:1/billing",
    "INTERNAL_TOKEN_SECRET": SECRET,
    "ENCRYPTION_KEYS": KEY,
    "INVOICE_URL": "http://127.0.0.1:1",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "LOG_FORMAT": "json",
}
GATEWAY = {
    **RIGHT,
    "POSTGRES_AUTH_DSN": RIGHT["POSTGRES_API_DSN"],
    "ADMIN_TOKEN": "an-admin-token-for-tests",
    "API_KEY_PEPPER": "p" * 32,
    "PUBLIC_BASE_URL": "http://127.0.0.1",
    "PUBLIC_LINK_KEYS": KEY,
    "PAYMENT_URL": "http://127.0.0.1:1",
    "SUBSCRIPTION_RENEWAL_URL": "http://127.0.0.1:1",
    "WEBHOOK_DELIVERY_URL": "http://127.0.0.1:1",
}


def _run(module: str, variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **{name: text for name, text in variables.items() if text}}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


WRONG = [
    ("services.payment.main", RIGHT, "INTERNAL_TOKEN_SECRET", "hunter2", "at least 32 characters"),
    ("services.payment.main", RIGHT, "INTERNAL_TOKEN_SECRET", "", "is needed, but not set"),
    ("services.payment.main", RIGHT, "POSTGRES_API_DSN", "hunter2", "no address of a Postgres"),
    ("services.payment.main", RIGHT, "ENCRYPTION_KEYS", "k1:hunter2", "is not base64"),
    ("services.payment.main", RIGHT, "INVOICE_URL", "hunter2:80", "http://"),
    ("services.payment.main", RIGHT, "PORT", "hunter2", "integer"),
    ("services.payment.main", RIGHT, "LOG_LEVEL", "hunter2", "'DEBUG'"),
    ("services.gateway.main", GATEWAY, "JWT_ISSUERS", "hunter2", "is not valid JSON: Expecting value"),
    ("services.gateway.main", GATEWAY, "TRUSTED_PROXIES", '["hunter2"]', "IPv4"),
    ("services.gateway.main", GATEWAY, "PUBLIC_LINK_KEYS", "hunter2", "an id of its own before a colon"),
    ("shared.messaging.topics", RIGHT, "KAFKA_BOOTSTRAP_SERVERS", "", "is needed, but not set"),
    ("shared.messaging.topics", RIGHT, "KAFKA_SECURITY_PROTOCOL", "hunter2", "'SASL_SSL'"),
    ("shared.postgres.migrate", {}, "POSTGRES_DSN", "", "is needed, but not set"),
]


@pytest.mark.parametrize(
    "module, right, name, text, wrong", WRONG, ids=[f"{one[0]} {one[2]}" for one in WRONG]
)
def test_a_wrong_variable_is_one_line(
    module: str, right: dict[str, str], name: str, text: str, wrong: str
) -> None:
    done = _run(module, {**right, name: text})

    assert done.returncode == 78, done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith(name)
    assert wrong in line
    assert "hunter2" not in done.stdout + done.stderr


def test_every_wrong_variable_is_told_at_once() -> None:
    done = _run("services.payment.main", {"LOG_LEVEL": "loud"})

    names = [line.partition(":")[0] for line in done.stderr.splitlines()]
    assert {"ENCRYPTION_KEYS", "INTERNAL_TOKEN_SECRET", "LOG_LEVEL", "POSTGRES_API_DSN"} <= set(names)


def test_a_proof_without_a_database_says_so() -> None:
    done = _run("services.payment.main", {}, "prove")

    assert done.returncode == 78
    assert done.stderr.startswith("POSTGRES_WORKER_DSN: is needed")


def test_a_database_that_is_not_there_is_waited_for(databases: Databases) -> None:
    place = {"POSTGRES_API_DSN": RIGHT["POSTGRES_API_DSN"], "PORT": str(free_port())}
    environment = {"PATH": os.environ["PATH"], **RIGHT, **place}
    command = [sys.executable, "-m", "services.payment.main", "--role", "api"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as program:
        assert program.stdout is not None
        waits = []
        until = time.monotonic() + 60
        while len(waits) < 2 and time.monotonic() < until:
            line = program.stdout.readline()
            assert "never-shown" not in line
            if "postgres.waiting" in line:
                waits.append(json.loads(line))
        program.send_signal(signal.SIGTERM)
        left = program.wait(20)
        assert "Traceback" not in program.stdout.read()

    assert {(wait["host"], wait["database"]) for wait in waits} == {("127.0.0.1", "billing")}
    assert left == 0
