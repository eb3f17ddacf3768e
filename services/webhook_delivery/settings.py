"""Every environment variable of webhook delivery."""

from pydantic import Field, field_validator

from shared.runtime.settings import EncryptionKeys, ServiceSettings


class Settings(ServiceSettings):
    """Environment variables without prefix; times in seconds."""

    encryption_keys: EncryptionKeys = Field(
        description="`id:base64 of 32 bytes`, comma-separated, oldest first: the last encrypts, all decrypt."
    )
    egress_allow_cidrs: str = Field(
        "", description="Private networks that endpoints may be in, comma-separated."
    )
    allow_http: bool = Field(False, description="Whether endpoints without TLS are accepted.")

    delivery_slots: int = Field(512, description="Requests under way at once in this process.")
    delivery_queue: int = Field(5_000, description="Deliveries that wait in memory …")
    delivery_queue_per_endpoint: int = Field(1_000, description="… and of one endpoint.")
    delivery_claim_batch: int = Field(500, description="Deliveries fetched by one query.")
    delivery_poll_seconds: float = 0.25
    delivery_lease_seconds: float = Field(
        30.0, description="Renewed at a third of it; what a killed worker held is taken over after it."
    )
    delivery_shard_seconds: float = Field(
        10.0, description="The parts of the queue that a killed worker owned pass to others after it."
    )
    delivery_drain_seconds: float = Field(5.0, description="For requests under way when the service stops.")
    outcome_flush_rows: int = 200
    outcome_flush_wait_ms: int = Field(
        20, description="Outcomes gather for so long: no delivery waits for it."
    )

    subscription_cache_workspaces: int = Field(10_000, description="Whose endpoints are kept in memory.")
    partition_days_ahead: int = Field(7, ge=1, le=60)
    message_retention_days: int = Field(30, ge=7, description="Bodies, also of the pull feed.")
    attempt_retention_days: int = Field(30, ge=7)
    failed_retention_days: int = Field(90, ge=7, description="Of deliveries that did not arrive.")
    job_retention_days: int = 90
    job_rest_seconds: float = Field(1.0, description="Between two batches (500 deliveries) of one job.")
    header_sealing_seconds: float = Field(
        900.0,
        description="How often endpoints' headers of an older key get the newest; first after so long.",
    )
    event_id_retention_days: int = Field(15, description="More than the topics keep (14).")

    @property
    def partition_days(self) -> dict[str, int]:
        """For how many days each table with daily partitions keeps them."""
        return {
            "message": self.message_retention_days,
            "attempt": self.attempt_retention_days,
            "delivery_failed": self.failed_retention_days,
        }

    @field_validator("postgres_worker_dsn")
    @classmethod
    def _use_indexes(cls, dsn: str) -> str:
        # The queue is short one minute and long the next: a plan from the short one would read it whole.
        return f"{dsn}{'&' if '?' in dsn else '?'}enable_seqscan=off"
