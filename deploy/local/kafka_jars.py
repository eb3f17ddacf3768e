"""The jars of Kafka. `python -m deploy.local.kafka_jars` locks them anew after a change of `pom.xml`."""

from pathlib import Path

from deploy.local.jars import Project, write_lock

HERE = Path(__file__).parent
KAFKA = Project(
    "Kafka",
    HERE / "pom.xml",
    HERE / "kafka.lock",
    instead=", or set KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs",
)

if __name__ == "__main__":
    print(f"{write_lock(KAFKA)} jars locked")
