"""Every topic as a KafkaTopic of Strimzi, the same as `python -m shared.messaging.topics` makes."""

from typing import Any

from shared.messaging.settings import KafkaSettings
from shared.messaging.topics import topics

PARTITIONS = 12
REPLICAS = 3
CLUSTER = "billing"
API_VERSION = "kafka.strimzi.io/v1"


def kafka_topics() -> list[dict[str, Any]]:
    """One KafkaTopic for each event type, and one for each service's dead letters."""
    kafka = KafkaSettings(bootstrap_servers="none:0")
    return [
        {
            "apiVersion": API_VERSION,
            "kind": "KafkaTopic",
            "metadata": {
                # Kubernetes allows no underscore in a name, Kafka does.
                "name": topic.name.replace("_", "-"),
                "labels": {"strimzi.io/cluster": CLUSTER},
            },
            "spec": {
                "topicName": topic.name,
                "partitions": topic.num_partitions,
                "replicas": topic.replication_factor,
                "config": {name: _number(value) for name, value in sorted(topic.topic_configs.items())},
            },
        }
        for topic in topics(PARTITIONS, REPLICAS, kafka)
    ]


def _number(value: str) -> int | str:
    return int(value) if value.isdecimal() else value
