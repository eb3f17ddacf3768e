"""The environment that each service gets."""

import json
import threading
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from deploy.local import services
from deploy.local.credentials import Credentials
from deploy.local.services import SERVICES, Servers

PORTS = {package: 20000 + place for place, package in enumerate(SERVICES.values())}
SERVERS = Servers("postgresql://postgres:secret@db.example:6432/billing", "kafka.example:9092")


@pytest.fixture
def credentials(tmp_path: Path) -> Credentials:
    return Credentials.load_or_make(tmp_path / "secrets.json")


def environment(package: str, credentials: Credentials) -> dict[str, str]:
    return services.environment(package, PORTS, credentials, SERVERS)


def test_each_service_logs_in_as_itself(credentials: Credentials) -> None:
    found = environment("subscription_renewal", credentials)

    password = credentials.postgres_role_password
    assert (
        found["POSTGRES_API_DSN"]
        == f"postgresql://subscription_renewal_api:{password}@db.example:6432/billing"
    )
    assert (
        found["POSTGRES_WORKER_DSN"]
        == f"postgresql://subscription_renewal_worker:{password}@db.example:6432/billing"
    )


def test_only_the_gateway_gets_its_secrets(credentials: Credentials) -> None:
    secrets = {"POSTGRES_AUTH_DSN", "ADMIN_TOKEN", "API_KEY_PEPPER", "JWT_SECRET"}

    assert secrets <= environment("gateway", credentials).keys()
    assert not secrets & environment("payment", credentials).keys()


def test_links_to_invoices_are_signed_by_one_service_and_read_by_the_gateway(
    credentials: Credentials,
) -> None:
    found = {package: environment(package, credentials).get("PUBLIC_LINK_KEYS") for package in PORTS}

    assert {package for package, keys in found.items() if keys} == {"invoice", "gateway"}
    assert found["invoice"] == found["gateway"] == credentials.public_link_keys
    address = environment("invoice", credentials)["PUBLIC_BASE_URL"]
    assert address == f"http://127.0.0.1:{PORTS['gateway']}"


def test_a_stack_of_before_gets_the_secrets_that_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    made = Credentials.load_or_make(path)
    path.write_text(json.dumps(asdict(replace(made, public_link_keys=""))))

    completed, again = Credentials.load_or_make(path), Credentials.load_or_make(path)

    assert completed == again
    assert completed.public_link_keys.startswith("k1:")
    assert replace(completed, public_link_keys="") == replace(made, public_link_keys="")


def test_only_webhook_delivery_may_call_this_machine(credentials: Credentials) -> None:
    assert environment("webhook_delivery", credentials)["EGRESS_ALLOW_CIDRS"] == "127.0.0.0/8"
    assert "EGRESS_ALLOW_CIDRS" not in environment("gateway", credentials)


def test_every_service_knows_where_the_others_are(credentials: Credentials) -> None:
    found = environment("payment", credentials)

    assert found["INVOICE_URL"] == f"http://127.0.0.1:{PORTS['invoice']}"
    assert found["WEBHOOK_DELIVERY_URL"] == f"http://127.0.0.1:{PORTS['webhook_delivery']}"


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"

    made, read = Credentials.load_or_make(path), Credentials.load_or_make(path)

    assert made == read
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("status", "body", "is_ready"),
    [
        (200, '{"status":"ready","checks":{"consumer":{"ok":true}}}', True),
        (200, '{"status":"ready","checks":{"consumer":{"ok":false}}}', False),
        (503, '{"status":"starting","checks":{"consumer":{"ok":true}}}', False),
        (200, "something else", False),
        (200, "[]", False),
    ],
)
def test_a_service_is_ready_when_every_check_is_good(status: int, body: str, is_ready: bool) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request).start()
        assert services.is_ready(server.server_port) == is_ready


def test_a_silent_port_is_not_ready() -> None:
    assert not services.is_ready(1)
