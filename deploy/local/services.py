"""The five services of the platform as programs: their ports, their environment, their readiness."""

import functools
import http.client
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from deploy.local.credentials import Credentials
from deploy.local.ports import claim_port
from deploy.local.process import Program
from shared.postgres import roles

# Name of the process → Python package; in the order in which they are shown.
SERVICES = {
    "gateway": "gateway",
    "invoice": "invoice",
    "payment": "payment",
    "subscription-renewal": "subscription_renewal",
    "webhook-delivery": "webhook_delivery",
}
BEHIND_GATEWAY = tuple(package for package in SERVICES.values() if package != "gateway")
GATEWAY_PORT = 8080
JWT_ALGORITHM = "HS256"
JWT_ISSUER = "billing-local"
JWT_AUDIENCE = "billing"
START_TIMEOUT_SECONDS = 90
STOP_TIMEOUT_SECONDS = 30
# After kill -9 the group waits this long for the dead member before its successor gets partitions.
SESSION_TIMEOUT_MS = 10_000
READY_TIMEOUT_SECONDS = 5


@dataclass(frozen=True)
class Servers:
    """What the services connect to."""

    postgres_dsn: str
    kafka_bootstrap_servers: str


def claim_ports(gateway_port: int | None = None) -> dict[str, int]:
    """Two ports for each service: by its package `GATEWAY_PORT` (8080), `INVOICE_PORT` … (free ones), and
    by `metrics_of` it that of its metrics, `GATEWAY_METRICS_PORT` … (free ones).
    """
    defaults = dict.fromkeys(SERVICES.values(), 0) | {"gateway": GATEWAY_PORT}
    given = {} if gateway_port is None else {"gateway": gateway_port}
    ports = {
        package: claim_port(f"{package.upper()}_PORT", default, given.get(package))
        for package, default in defaults.items()
    }
    return ports | {metrics_of(package): claim_port(f"{package.upper()}_METRICS_PORT") for package in ports}


def metrics_of(package: str) -> str:
    """The name of the port where the service's metrics are."""
    return f"{package}_metrics"


def command(module: str, arguments: Sequence[str], variables: Iterable[str]) -> list[str]:
    """How to run a module of the repository, which reads these variables of its environment."""
    return [sys.executable, "-m", module, *arguments]


def programs(
    ports: Mapping[str, int],
    credentials: Credentials,
    servers: Servers,
    state: Path,
    log_level: str,
    *,
    command: Callable[[str, Sequence[str], Iterable[str]], list[str]] = command,
) -> list[Program]:
    """The services as programs that a supervisor can run."""
    environments = {
        package: environment(package, ports, credentials, servers) | {"LOG_LEVEL": log_level}
        for package in SERVICES.values()
    }
    return [
        Program(
            name=name,
            command=command(f"services.{package}.main", ("--role", "all"), environments[package]),
            port=ports[package],
            log_path=state / "logs" / f"{name}.log",
            pid_path=state / "run" / f"{name}.json",
            is_ready=functools.partial(is_ready, ports[package]),
            environment=environments[package],
            start_timeout_seconds=START_TIMEOUT_SECONDS,
            stop_timeout_seconds=STOP_TIMEOUT_SECONDS,
        )
        for name, package in SERVICES.items()
    ]


def environment(
    package: str, ports: Mapping[str, int], credentials: Credentials, servers: Servers
) -> dict[str, str]:
    """Everything that one service reads from its environment."""
    as_role = functools.partial(dsn_of, servers.postgres_dsn, password=credentials.postgres_role_password)
    own: dict[str, dict[str, str]] = {
        "gateway": {
            "POSTGRES_AUTH_DSN": as_role("gateway_auth"),
            "ADMIN_TOKEN": credentials.admin_token,
            "API_KEY_PEPPER": credentials.api_key_pepper,
            "JWT_SECRET": credentials.jwt_secret,
            "JWT_ALGORITHM": JWT_ALGORITHM,
            "JWT_ISSUER": JWT_ISSUER,
            "JWT_AUDIENCE": JWT_AUDIENCE,
            "PUBLIC_LINK_KEYS": credentials.public_link_keys,
        },
        "invoice": {"PUBLIC_LINK_KEYS": credentials.public_link_keys},
        # A person's own listener on this machine is a good endpoint here, and only here.
        "webhook_delivery": {"EGRESS_ALLOW_CIDRS": "127.0.0.0/8", "ALLOW_HTTP": "true"},
    }
    return {
        "KAFKA_BOOTSTRAP_SERVERS": servers.kafka_bootstrap_servers,
        "KAFKA_SESSION_TIMEOUT_MS": str(SESSION_TIMEOUT_MS),
        "INTERNAL_TOKEN_SECRET": credentials.internal_token_secret,
        "LOG_FORMAT": "console",
        "HOST": "127.0.0.1",
        "PORT": str(ports[package]),
        # Copies that run beside the stack have none: theirs would be the same.
        **({"METRICS_PORT": str(ports[metrics_of(package)])} if metrics_of(package) in ports else {}),
        "POSTGRES_API_DSN": as_role(f"{package}_api"),
        "POSTGRES_WORKER_DSN": as_role(f"{package}_worker"),
        "ENCRYPTION_KEYS": credentials.encryption_keys,
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{ports['gateway']}",
        **{f"{other.upper()}_URL": f"http://127.0.0.1:{ports[other]}" for other in BEHIND_GATEWAY},
        **own.get(package, {}),
    }


def environment_of_all(
    ports: Mapping[str, int], credentials: Credentials, servers: Servers
) -> dict[str, str]:
    """What commands read that are about the whole platform, and what requests to it need."""
    dsns = logins(servers, credentials)
    return {
        "API": f"http://127.0.0.1:{ports['gateway']}",
        "API_KEY": credentials.api_key,
        "ADMIN_TOKEN": credentials.admin_token,
        "KAFKA_BOOTSTRAP_SERVERS": servers.kafka_bootstrap_servers,
        "POSTGRES_DSN": servers.postgres_dsn,
        "POSTGRES_ROLE_PASSWORD": credentials.postgres_role_password,
        **{f"POSTGRES_WORKER_DSN_{name.upper()}": dsns[f"{name}_worker"] for name in SERVICES.values()},
    }


def logins(servers: Servers, credentials: Credentials) -> dict[str, str]:
    """Every login's address by its name: the administrator's, and those of each service."""
    names = [role.name for package in SERVICES.values() for role in roles.logins(package)]
    as_role = functools.partial(dsn_of, servers.postgres_dsn, password=credentials.postgres_role_password)
    return {"postgres": servers.postgres_dsn} | {name: as_role(name) for name in names}


def dsn_of(superuser_dsn: str, user: str, password: str) -> str:
    """The same server and database for another user."""
    parts = urlsplit(superuser_dsn)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user)}:{quote(password)}@{address}"))


def is_ready(port: int) -> bool:
    """Whether `GET /readyz` answers 200 and every check in it is good."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=READY_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        report = json.loads(response.read())
        return response.status == 200 and all(check["ok"] for check in report["checks"].values())
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, AttributeError):
        return False
    finally:
        connection.close()
