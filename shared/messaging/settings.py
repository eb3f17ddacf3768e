"""How a service talks to Kafka: every limit has a number and a unit."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class KafkaSettings(BaseSettings):
    """Environment variables KAFKA_…; times in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", extra="ignore", env_ignore_empty=True)

    bootstrap_servers: str = Field(description="host:port, comma-separated.")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password: str | None = None
    ssl_ca_file: str | None = Field(None, description="PEM; without one the system's authorities.")
    ssl_certificate_file: str | None = Field(None, description="PEM: ours, where Kafka asks for one.")
    ssl_key_file: str | None = Field(None, description="PEM: its key, where it lies in a file of its own.")
    max_message_bytes: int = 4 * 1024 * 1024
    dead_letter_extra_bytes: int = Field(64 * 1024, description="A dead letter is its record, and why.")

    relay_batch_size: int = 500
    relay_poll_seconds: float = Field(
        5.0,
        description="How long the relay waits for a commit at the most. A commit wakes it at once, so that "
        "only an event whose notification was lost leaves so late.",
    )
    relay_linger_seconds: float = 0.03
    relay_lease_seconds: float = 5.0
    publish_timeout_seconds: float = 20.0

    batch_size: int = 500
    batch_wait_ms: int = Field(
        20,
        description="Events that follow closely gather for so long, since a batch and a fetch cost as much "
        "for one as for a hundred; the first after a pause does not wait.",
    )
    fetch_min_bytes: int = Field(1, description="Kafka answers a fetch once it has so much …")
    fetch_wait_ms: int = Field(
        500,
        description="… or after so long. Longer costs less at rest; a partition that was just assigned, or "
        "whose events did not fit into a batch, may wait so long.",
    )
    quiet_fetch_wait_ms: int = Field(
        2000, description="The same once nothing has come for half a minute: then there is no backlog."
    )
    session_timeout_ms: int = 30_000
    heartbeat_interval_ms: int = 3_000
    max_poll_interval_ms: int = 300_000
    graceful_timeout_seconds: float = 25.0

    poison_attempts: int = 3
    transient_retry_seconds: float = Field(60.0, description="Then the batch is read from Kafka again.")
    dead_letter_window: int = Field(200, description="Of this many events …")
    dead_letter_share_percent: int = Field(50, description="… so many may fail before the consumer stops.")

    @model_validator(mode="after")
    def _who_signs_in_has_a_name(self) -> Self:
        if self.is_authenticated and not (self.sasl_username and self.sasl_password):
            raise ValueError(f"{self.security_protocol} needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD")
        return self

    @property
    def is_encrypted(self) -> bool:
        """Whether connections use TLS."""
        return self.security_protocol in ("SSL", "SASL_SSL")

    @property
    def is_authenticated(self) -> bool:
        """Whether connections sign in with a name and a password."""
        return self.security_protocol in ("SASL_PLAINTEXT", "SASL_SSL")
