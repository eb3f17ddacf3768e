"""What is typed beside a running platform: prompts and commands, as the runbooks have them."""

import subprocess
import sys

from tests.journeys.conftest import Stack


def typed(stack: Stack, module: str, *arguments: str) -> tuple[int, str]:
    """The exit code of `make shell` or `make ops`, and what they print."""
    command = [sys.executable, "-m", module, *arguments, "--state", str(stack.file.parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_prompt_sees_what_its_login_sees(stack: Stack) -> None:
    count = "SELECT 'workspaces: ' || count(DISTINCT workspace_id) FROM ledger_entry"

    assert "payment_worker" in typed(stack, "deploy.local.shell", "payment", "--command", "SELECT user")[1]
    code, said = typed(stack, "deploy.local.shell", "payment", "--login", "api", "--command", count)
    assert (code, "workspaces: 0" in said) == (0, True)
    # Statements one by one, as they are typed: VACUUM runs in no transaction.
    vacuum = ("--login", "postgres", "--command", "VACUUM outbox; SELECT 'done'")
    assert typed(stack, "deploy.local.shell", "payment", *vacuum)[0] == 0
    assert typed(stack, "deploy.local.shell", "payment", "--command", "SELECT 1 FROM nowhere")[0] != 0


def test_a_command_runs_in_the_environment_of_its_service(stack: Stack) -> None:
    prove = 'python -m shared.runtime.command prove-audit && test "$API" = "$PUBLIC_BASE_URL"'

    code, said = typed(stack, "deploy.local.ops", "webhook-delivery", prove)

    assert code == 0
    assert "audit log of webhook_delivery" in said
    assert "audit log of payment" in said
    assert typed(stack, "deploy.local.ops", "invoice", "exit 7")[0] == 7


def test_the_description_has_every_address_and_login(stack: Stack) -> None:
    facts = stack.facts

    assert {"postgres", "gateway_auth", "invoice_api", "payment_worker"} <= facts["postgres_dsns"].keys()
    for package, service in facts["services"].items():
        assert service["environment"]["PORT"] == service["url"].rpartition(":")[2]
        assert facts["postgres_dsns"][f"{package}_worker"] == service["environment"]["POSTGRES_WORKER_DSN"]
