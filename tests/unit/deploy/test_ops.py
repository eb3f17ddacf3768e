"""Commands and prompts beside a running stack: what a person types, and what becomes of it."""

import argparse
import json
from pathlib import Path

import pytest

from deploy.docker import __main__ as docker
from deploy.local import names, ops, services, shell
from deploy.local.console import Console
from deploy.local.credentials import Credentials
from deploy.local.services import SERVICES, Servers
from deploy.local.stack import Stack
from deploy.local.up import argument_parser, options
from tests.bench import __main__ as bench
from tests.validation import __main__ as validation

SERVERS = Servers("postgresql://postgres:root%2Fs@127.0.0.1:5432/billing", "127.0.0.1:9092")
PORTS = dict.fromkeys([*SERVICES.values(), *map(services.metrics_of, SERVICES.values())], 8080)


@pytest.mark.parametrize("command", [shell.main, ops.main])
def test_a_service_that_there_is_not_is_told_with_those_that_there_are(command, capsys) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SystemExit) as left:
        command(["typo"])

    assert left.value.code == 2
    assert "there is no service 'typo'; there are gateway, invoice, payment" in capsys.readouterr().err


def test_a_service_may_be_named_as_in_addresses_and_as_in_packages() -> None:
    assert names.service("webhook-delivery") == names.service("webhook_delivery") == "webhook_delivery"
    with pytest.raises(argparse.ArgumentTypeError, match="SERVICE=… is needed"):
        names.service("")


def test_a_login_that_there_is_not_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        shell.main(["payment", "--login", "auth"])

    assert "payment has no login 'auth'; there are migrate, api, worker, postgres" in capsys.readouterr().err
    assert shell.known_logins("gateway")["auth"] == "gateway_auth"


@pytest.mark.parametrize("command", [shell.main, ops.main])
def test_without_a_stack_one_is_told_how_to_start_it(command, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    assert command(["payment", "--state", str(tmp_path)]) == 1
    assert "`make up` starts one" in capsys.readouterr().err


def test_a_password_stands_in_no_list_of_processes() -> None:
    address, variables = shell.without_password(SERVERS.postgres_dsn, "payment")

    assert address == "postgresql://postgres@127.0.0.1:5432/billing"
    assert variables == {"PGPASSWORD": "root/s", "PGOPTIONS": "-c search_path=payment"}


def test_a_command_has_what_its_service_has_and_what_is_for_all(tmp_path: Path) -> None:
    credentials = Credentials.make().with_workspace("demo", "blg_test_key")
    stack = {
        "environment": services.environment_of_all(PORTS, credentials, SERVERS),
        "services": {
            "payment": {"environment": services.environment("payment", PORTS, credentials, SERVERS)}
        },
    }

    variables = ops.environment(json.loads(json.dumps(stack)), "payment")

    assert variables["API"] == "http://127.0.0.1:8080"
    assert variables["ADMIN_TOKEN"] == credentials.admin_token
    assert "payment_worker" in variables["POSTGRES_WORKER_DSN"]
    assert "invoice_worker" in variables["POSTGRES_WORKER_DSN_INVOICE"]
    assert variables["PATH"].split(":")[0].endswith("bin")


def test_every_login_has_an_address() -> None:
    found = services.logins(SERVERS, Credentials.make())

    assert {"postgres", "gateway_auth", "payment_api", "invoice_worker"} <= set(found)
    assert found["payment_api"].startswith("postgresql://payment_api:")


def test_a_service_can_be_left_to_a_person() -> None:
    given = argument_parser("").parse_args(["--without", "invoice", "webhook-delivery", "--log-sql"])

    assert options(given).without == {"invoice", "webhook_delivery"}
    assert options(given).logs_sql
    assert set(Stack(options(given), Console()).logs) == {"gateway", "payment", "subscription-renewal"}


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        (bench.main, ["payments", "typo"], "there is no measurement 'typo'; of 22 there are '"),
        (validation.main, ["NL to SEE"], "there is no kind of document 'NL to SEE'; of "),
    ],
)
def test_what_there_is_not_is_told_before_anything_starts(  # type: ignore[no-untyped-def]
    command, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        command(arguments)

    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_of_many_names_those_that_are_like_it_are_told() -> None:
    names_of_many = [f"{letter} to {other}" for letter in "ABCDEFGH" for other in "ABCDEFGH"]

    with pytest.raises(argparse.ArgumentTypeError, match="of 64 there are 'B to C'"):
        names.known("way", names_of_many)("B to CC")
    assert names.known("way", names_of_many)("B to C") == "B to C"


@pytest.mark.parametrize("text", ["", "Bad:x", "a b", "-x", "name@sha256:12"])
def test_what_no_engine_takes_as_an_image_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="names no image"):
        docker.image_name(text)


@pytest.mark.parametrize("text", ["billing:0.1.0", "images.example.com:5000/b", f"a@sha256:{'0' * 64}"])
def test_names_of_images_are_taken(text: str) -> None:
    assert docker.image_name(text) == text
