"""A real Apache Kafka of one node, run from its Maven jars; no Docker, no installation."""

import asyncio
import base64
import shutil
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local import ports
from deploy.local.errors import LocalError
from deploy.local.java import find_java
from deploy.local.kafka_jars import KAFKA
from deploy.local.process import Program

HERE = Path(__file__).parent
FORMAT_TIMEOUT_SECONDS = 60
START_TIMEOUT_SECONDS = 90
STOP_TIMEOUT_SECONDS = 20
COORDINATOR_TIMEOUT_SECONDS = 30
RETRY_SECONDS = 0.2


@dataclass(frozen=True)
class Kafka:
    """One broker: the folder of its stack, and where it listens."""

    state: Path
    port: int
    controller_port: int
    heap_megabytes: int = 384
    # C1 alone warms up faster and leaves the cores to others, but peak speed drops: for tests only.
    is_for_tests: bool = False
    # Further lines of server.properties, and further flags of the format tool.
    more_settings: str = ""
    format_flags: tuple[str, ...] = ()

    @property
    def data(self) -> Path:
        """Everything that the broker keeps."""
        return self.state / "kafka"

    @property
    def bootstrap_servers(self) -> str:
        """The address for clients."""
        return f"127.0.0.1:{self.port}"

    def prepare(self, say: Callable[[str], None] = lambda line: None) -> Program:
        """Fetch jars, write the settings and format the data directory, each only when needed."""
        java, jars = find_java(), KAFKA.jars(say)
        self.data.mkdir(parents=True, exist_ok=True)
        settings = self._write_settings()
        class_path = ":".join(str(jar) for jar in jars)
        # Formatting writes this file last, so its absence means that there is nothing to lose.
        if not (self.data / "log" / "meta.properties").exists():
            say("formatting the data directory")
            shutil.rmtree(self.data / "log", ignore_errors=True)
            format_directory(java, class_path, settings, self.format_flags)
        return Program(
            name="kafka",
            command=[str(java), *self._flags(), "-cp", class_path, "kafka.Kafka", str(settings)],
            port=self.port,
            log_path=self.state / "logs" / "kafka.log",
            pid_path=self.state / "run" / "kafka.json",
            # Kafka opens this port on purpose only after the broker is registered and serves.
            is_ready=lambda: ports.is_listening(self.port),
            start_timeout_seconds=START_TIMEOUT_SECONDS,
            stop_timeout_seconds=STOP_TIMEOUT_SECONDS,
        )

    def _write_settings(self) -> Path:
        template = (HERE / "server.properties").read_text()
        path = self.data / "server.properties"
        names = {"port": self.port, "controller_port": self.controller_port, "data": self.data}
        for name, value in names.items():
            template = template.replace(f"{{{name}}}", str(value))
        path.write_text(template + self.more_settings)
        return path

    def _flags(self) -> list[str]:
        # A small young generation is used over and over; a large one is touched whole before it is cleaned.
        heap = ["-Xms64m", f"-Xmx{self.heap_megabytes}m", "-Xmn24m", "-XX:+UseSerialGC"]
        heap += ["-Xss512k", "-XX:ReservedCodeCacheSize=64m", "-XX:+ExitOnOutOfMemoryError"]
        quick = ["-XX:TieredStopAtLevel=1"] if self.is_for_tests else []
        log = f"-Dlog4j2.configurationFile={HERE / 'log4j2.xml'}"
        return [*heap, *quick, "-XX:-UsePerfData", "-Djava.awt.headless=true", log]


def format_directory(java: Path, class_path: str, settings: Path, flags: Sequence[str] = ()) -> None:
    """Give an empty data directory its cluster id and feature levels, once in its life."""
    cluster_id = base64.urlsafe_b64encode(uuid4().bytes).rstrip(b"=").decode()
    tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", f"--config={settings}", *flags]
    log = f"-Dlog4j2.configurationFile={HERE / 'log4j2.xml'}"
    command = [str(java), "-Xmx128m", "-XX:TieredStopAtLevel=1", log, "-cp", class_path, *tool]
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=FORMAT_TIMEOUT_SECONDS, check=False
    )
    if result.returncode != 0:
        raise LocalError(f"Kafka's data directory could not be formatted:\n{result.stdout}{result.stderr}")


async def warm_up(bootstrap_servers: str) -> None:
    """Have the broker make `__consumer_offsets` before the first consumer asks for its group."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    async with asyncio.timeout(COORDINATOR_TIMEOUT_SECONDS):
        await admin.start()
        try:
            while not await _has_coordinator(admin):
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            await admin.close()


def warm_up_now(bootstrap_servers: str) -> None:
    """`warm_up` for callers that may or may not stand in an event loop: it runs in its own."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, warm_up(bootstrap_servers)).result()


async def _has_coordinator(admin: AIOKafkaAdminClient) -> bool:
    try:
        await admin.find_coordinator("warm-up")
    except KafkaError:
        return False
    return True
