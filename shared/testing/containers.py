"""Postgres and Kafka for a test run: given ones, containers where Docker answers, else local servers.

`TEST_POSTGRES_DSN` and `TEST_KAFKA_BOOTSTRAP_SERVERS` name given ones. They are not called
`POSTGRES_DSN` and `KAFKA_BOOTSTRAP_SERVERS`, which point the platform itself at real servers: tests
make and drop databases, and must never do so there by accident.
"""

import functools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.kafka import Kafka, warm_up_now
from deploy.local.ports import free_port
from deploy.local.postgres import UNSAFE_SETTINGS, Postgres
from deploy.local.process import running
from deploy.local.state import temporary_state

POSTGRES_IMAGE = "postgres:18-alpine"
KAFKA_IMAGE = "apache/kafka-native:4.3.1"
LOCAL_PASSWORD = "tests"  # noqa: S105
KAFKA_HEAP_MEGABYTES = 256
DOCKER_TIMEOUT_SECONDS = 5
MEMORY = Path("/dev/shm")  # noqa: S108
MEMORY_NEEDED_BYTES = 2 * 2**30


@contextmanager
def postgres_server() -> Iterator[str]:
    """A Postgres 18 that may lose its data at a power cut; yields the superuser's DSN."""
    address = os.environ.get("TEST_POSTGRES_DSN")
    if address:
        yield address
    elif docker_answers():
        with _postgres_container() as dsn:
            yield dsn
    else:
        with temporary_state(_memory()) as state:
            postgres = Postgres(state, free_port(), LOCAL_PASSWORD, is_unsafe=True)
            with running(postgres.prepare()):
                yield postgres.dsn


def _memory() -> Path | None:
    """A folder in memory with enough room, if there is one: a database a test is thousands of small files."""
    if not (MEMORY.is_dir() and os.access(MEMORY, os.W_OK)):
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED_BYTES else None


@contextmanager
def kafka_server() -> Iterator[str]:
    """A Kafka broker that is ready for consumer groups; yields its bootstrap servers."""
    address = os.environ.get("TEST_KAFKA_BOOTSTRAP_SERVERS")
    if address:
        yield address
    elif docker_answers():
        with _kafka_container() as bootstrap_servers:
            yield bootstrap_servers
    else:
        with temporary_state() as state:
            kafka = Kafka(state, free_port(), free_port(), KAFKA_HEAP_MEGABYTES, is_for_tests=True)
            with running(kafka.prepare()):
                warm_up_now(kafka.bootstrap_servers)
                yield kafka.bootstrap_servers


@functools.cache
def docker_answers() -> bool:
    """Whether a Docker engine can run containers here; a client alone is not enough."""
    try:
        import docker

        return bool(docker.from_env(timeout=DOCKER_TIMEOUT_SECONDS).ping())
    except Exception:  # whatever is wrong with Docker, the local servers do
        return False


@contextmanager
def _postgres_container() -> Iterator[str]:
    from testcontainers.community.postgres import PostgresContainer

    settings = UNSAFE_SETTINGS | {"max_connections": "200"}
    quick = " ".join(f"-c {name}={value}" for name, value in settings.items())
    container = PostgresContainer(POSTGRES_IMAGE, dbname="billing", driver=None).with_command(quick)
    with container:
        yield container.get_connection_url()


@contextmanager
def _kafka_container() -> Iterator[str]:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    port = free_port()
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(9092, port).with_envs(**_kafka_environment(port))
    with container.waiting_for(LogMessageWaitStrategy("Kafka Server started")):
        bootstrap_servers = f"127.0.0.1:{port}"
        warm_up_now(bootstrap_servers)
        yield bootstrap_servers


def _kafka_environment(port: int) -> dict[str, str]:
    """Every setting: a single variable makes the image drop its whole default file."""
    single = ("OFFSETS_TOPIC", "TRANSACTION_STATE_LOG", "SHARE_COORDINATOR_STATE_TOPIC")
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        **{f"KAFKA_{topic}_REPLICATION_FACTOR": "1" for topic in single},
        **{f"KAFKA_{topic}_NUM_PARTITIONS": "4" for topic in single},
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
    }
