"""The whole platform in one folder: starts it in order, keeps it alive, tells where it is, stops it."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from deploy.local import demo, services, state
from deploy.local.console import Console
from deploy.local.credentials import Credentials
from deploy.local.errors import LocalError
from deploy.local.files import write_whole
from deploy.local.kafka import Kafka, warm_up
from deploy.local.paths import REPOSITORY
from deploy.local.ports import claim_port
from deploy.local.postgres import Postgres
from deploy.local.process import Program, log_tail, stop_leftover
from deploy.local.services import SERVICES, Servers
from deploy.local.supervisor import Supervisor

LEFTOVER_TIMEOUT_SECONDS = 10
LOG_LIMIT_BYTES = 50 * 1024 * 1024
TOPIC_SETTINGS = {"KAFKA_PARTITIONS": "3", "KAFKA_REPLICATION_FACTOR": "1"}


@dataclass(frozen=True)
class Options:
    """What a person can choose about a stack."""

    state: Path
    gateway_port: int | None = None
    # Postgres without fsync: for tests that do not kill it.
    is_fast: bool = False
    log_level: str = "INFO"
    # Packages of services that somebody starts by hand, on their ports: under a debugger.
    without: frozenset[str] = frozenset()
    # Postgres logs every statement with its values.
    logs_sql: bool = False


@dataclass
class Stack:
    """Postgres, Kafka and the five services of one folder."""

    options: Options
    console: Console
    ports: dict[str, int] = field(default_factory=dict)
    own_servers: dict[str, int] = field(default_factory=dict)
    supervisor: Supervisor = field(init=False)
    credentials: Credentials = field(init=False)
    servers: Servers = field(init=False)
    _lock: IO[str] | None = None
    _is_announced: bool = False

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.console.note, self._announce_again)

    @property
    def state(self) -> Path:
        """The folder of this stack."""
        return self.options.state

    @property
    def gateway_url(self) -> str:
        """Where the public API answers."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def logs(self) -> dict[str, Path]:
        """The log file of each program that we run."""
        started = [name for name, package in SERVICES.items() if package not in self.options.without]
        names = [*started, *self.own_servers]
        return {name: self.state / "logs" / f"{name}.log" for name in names}

    def command(self, module: str, arguments: Sequence[str], variables: Iterable[str]) -> list[str]:
        """How a module is run here: as a process of this machine."""
        return services.command(module, arguments, variables)

    async def start(self) -> None:
        """Bring everything up until each service is ready; raises LocalError with a sentence."""
        self._lock = state.take(self.state)
        await asyncio.to_thread(self._clean_up_after_a_killed_one)
        self.ports = services.claim_ports(self.options.gateway_port)
        self.credentials = Credentials.load_or_make(self.state / "secrets.json")
        await self._start_servers()
        programs = services.programs(
            self.ports,
            self.credentials,
            self.servers,
            self.state,
            self.options.log_level,
            command=self.command,
        )
        async with asyncio.TaskGroup() as group:
            for program in programs:
                if SERVICES[program.name] in self.options.without:
                    self.console.note(f"{program.name} is left to you, on port {program.port}")
                else:
                    group.create_task(self._start_service(program))
        await self._ensure_workspace()
        self._is_announced = True
        self._announce_again()

    async def stop(self) -> None:
        """Stop the services, then Kafka, then Postgres; nothing of a stack of somebody else's."""
        if self._lock is None:
            return
        self._is_announced = False
        (self.state / "stack.json").unlink(missing_ok=True)
        for names in (list(SERVICES), ["kafka"], ["postgres"]):
            await self.supervisor.stop(names)
        self._lock.close()

    async def limit_logs(self, every_seconds: float = 30) -> None:
        """Cut logs that have grown too long, for as long as the stack runs; never returns."""
        while True:
            await asyncio.sleep(every_seconds)
            for path in self.logs.values():
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_size > LOG_LIMIT_BYTES:
                        os.truncate(path, 0)

    def _clean_up_after_a_killed_one(self) -> None:
        (self.state / "stack.json").unlink(missing_ok=True)
        for name in (*SERVICES, "kafka"):
            self._stop_leftover(name, signal.SIGTERM)
        self._stop_leftover("postgres", signal.SIGINT)
        for path in (self.state / "logs").glob("*.log"):
            path.rename(path.with_suffix(".previous"))

    def _stop_leftover(self, name: str, stop_signal: signal.Signals) -> None:
        if stop_leftover(self.state / "run" / f"{name}.json", stop_signal, LEFTOVER_TIMEOUT_SECONDS):
            self.console.note(f"stopped {name}, which an earlier run had left behind")

    async def _start_servers(self) -> None:
        """Postgres and then its schemas, beside Kafka and then its topics."""
        postgres_dsn = os.environ.get("POSTGRES_DSN")
        kafka_bootstrap_servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
        async with asyncio.TaskGroup() as group:
            postgres = group.create_task(self._prepare_postgres(postgres_dsn))
            kafka = group.create_task(self._prepare_kafka(kafka_bootstrap_servers))
        self.servers = Servers(postgres.result(), kafka.result())

    async def _prepare_postgres(self, dsn: str | None) -> str:
        if dsn is None:
            self.own_servers["postgres"] = claim_port("POSTGRES_PORT")
            server = Postgres(
                self.state,
                self.own_servers["postgres"],
                self.credentials.postgres_password,
                is_unsafe=self.options.is_fast,
                logs_sql=self.options.logs_sql,
            )
            async with self.console.step("postgres", f"127.0.0.1:{server.port}"):
                await self.supervisor.start(await asyncio.to_thread(server.prepare))
            dsn = server.dsn
        settings = {"POSTGRES_DSN": dsn, "POSTGRES_ROLE_PASSWORD": self.credentials.postgres_role_password}
        async with self.console.step("schemas"):
            await self._run_once("shared.postgres.migrate", settings)
        return dsn

    async def _prepare_kafka(self, bootstrap_servers: str | None) -> str:
        if bootstrap_servers is None:
            self.own_servers["kafka"] = claim_port("KAFKA_PORT")
            server = Kafka(self.state, self.own_servers["kafka"], claim_port("KAFKA_CONTROLLER_PORT"))
            bootstrap_servers = server.bootstrap_servers
            async with self.console.step("kafka", bootstrap_servers):
                await self.supervisor.start(await asyncio.to_thread(server.prepare, self.console.note))
                await warm_up(bootstrap_servers)
        async with self.console.step("topics"):
            await self._run_once(
                "shared.messaging.topics", {"KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers, **TOPIC_SETTINGS}
            )
        return bootstrap_servers

    async def _start_service(self, program: Program) -> None:
        async with self.console.step(program.name, f"http://127.0.0.1:{program.port}"):
            await self.supervisor.start(program)

    async def _ensure_workspace(self) -> None:
        """The demo workspace and its key, which gateway and invoice service know; raises LocalError."""
        is_asked = self.options.without.isdisjoint({"gateway", "invoice"})
        if not is_asked and self.credentials.api_key:
            return
        if "gateway" in self.options.without:
            raise LocalError("The gateway makes the demo workspace: start once with it, then without.")
        async with self.console.step("demo workspace"):
            self.credentials = await asyncio.to_thread(
                demo.ensure_workspace, self.ports["gateway"], self.credentials
            )
            self.credentials.save(self.state / "secrets.json")

    async def _run_once(self, module: str, settings: dict[str, str]) -> None:
        """Run a module of the repository to its end; raises LocalError with the end of its log."""
        log_path = self.state / "logs" / f"{module.rpartition('.')[2]}.log"
        log_path.parent.mkdir(parents=True, exist_ok=True)
        with log_path.open("ab") as log:
            running = await asyncio.create_subprocess_exec(
                *self.command(module, (), settings),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=REPOSITORY,
                env={**os.environ, **settings},
                start_new_session=True,
            )
        try:
            code = await running.wait()
        except asyncio.CancelledError:
            running.kill()
            raise
        if code != 0:
            raise LocalError(f"`python -m {module}` ended with code {code}:\n{log_tail(log_path)}")

    def _announce_again(self) -> None:
        """Write `stack.json`, last of all at the start and anew whenever a process was replaced."""
        if self._is_announced:
            write_whole(
                self.state / "stack.json", json.dumps(self.description(), indent=2) + "\n", mode=0o600
            )

    def description(self) -> dict[str, object]:
        """Where everything is: what tests and tools read."""
        started = {name: package for name, package in SERVICES.items() if name in self.logs}
        ports = {name: self.ports[package] for name, package in started.items()} | self.own_servers
        metrics = {name: self.ports[services.metrics_of(package)] for name, package in started.items()}
        return {
            "gateway_url": self.gateway_url,
            "admin_token": self.credentials.admin_token,
            "workspace": self.credentials.workspace,
            "api_key": self.credentials.api_key,
            "jwt": {
                "secret": self.credentials.jwt_secret,
                "algorithm": services.JWT_ALGORITHM,
                "issuer": services.JWT_ISSUER,
                "audience": services.JWT_AUDIENCE,
            },
            "docs_url": f"{self.gateway_url}/docs",
            "console_url": f"{self.gateway_url}/console/settings/api-keys",
            "postgres_dsn": self.servers.postgres_dsn,
            "postgres_dsns": services.logins(self.servers, self.credentials),
            "kafka_bootstrap_servers": self.servers.kafka_bootstrap_servers,
            "processes": [
                {
                    "name": name,
                    "pid": self.supervisor.pid(name),
                    "port": port,
                    "metrics_port": metrics.get(name),
                }
                for name, port in ports.items()
            ],
            "environment": TOPIC_SETTINGS
            | services.environment_of_all(self.ports, self.credentials, self.servers),
            "services": {
                package: {
                    "url": f"http://127.0.0.1:{self.ports[package]}",
                    "metrics_url": f"http://127.0.0.1:{self.ports[services.metrics_of(package)]}/metrics",
                    "environment": services.environment(package, self.ports, self.credentials, self.servers),
                }
                for package in SERVICES.values()
            },
        }
