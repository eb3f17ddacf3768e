"""How a service talks to Kafka: every limit has a number and a unit."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class KafkaSettings(BaseSettings):
    """Environment variables KAFKA_…; times in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", extra="ignore")

    bootstrap_servers: str = Field(description="host:port, comma-separated.")
    max_message_bytes: int = 4 * 1024 * 1024
    dead_letter_extra_bytes: int = Field(64 * 1024, description="A dead letter is its record, and why.")

    relay_batch_size: int = 500
    relay_poll_seconds: float = 0.1
    relay_linger_seconds: float = 0.03
    relay_lease_seconds: float = 5.0
    publish_timeout_seconds: float = 20.0

    batch_size: int = 500
    batch_wait_ms: int = 20
    fetch_min_bytes: int = 64 * 1024
    fetch_wait_ms: int = 60
    session_timeout_ms: int = 30_000
    heartbeat_interval_ms: int = 3_000
    max_poll_interval_ms: int = 300_000
    graceful_timeout_seconds: float = 25.0

    poison_attempts: int = 3
    transient_retry_seconds: float = Field(60.0, description="Then the batch is read from Kafka again.")
    dead_letter_window: int = Field(200, description="Of this many events …")
    dead_letter_share_percent: int = Field(50, description="… so many may fail before the consumer stops.")
