"""Settings that every service has; each service's own class adds its own. Read once, in main.py."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.postgres.pool import PoolLimits

Role = Literal["all", "api", "worker"]


class ServiceSettings(BaseSettings):
    """Environment variables without prefix; times in seconds."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"

    postgres_api_dsn: str = Field(description="Login of the api role: sees one workspace at a time.")
    postgres_worker_dsn: str = Field(description="Login of the worker role: consumers, workers, relay.")
    postgres_pool_min: int = 2
    postgres_pool_max: int = Field(16, description="Connections per pool; a process has one or two pools.")
    postgres_statement_timeout_seconds: int = 30
    postgres_acquire_timeout_seconds: int = 10

    public_base_url: str = Field("", description="Where the gateway answers outside, as events say.")
    otel_exporter_otlp_endpoint: str | None = Field(
        None, description="Base URL of an OpenTelemetry collector (OTLP/HTTP); none: no tracing."
    )

    internal_token_secret: str = Field(min_length=32, description="Shared by gateway and services.")
    drain_seconds: float = Field(
        0.0, ge=0, description="From SIGTERM on: not ready, but answering, so that callers go elsewhere."
    )
    graceful_timeout_seconds: int = Field(25, description="From then until open work is cut off.")
    pruning_interval_seconds: int = 300
    gauges_interval_seconds: float = Field(10.0, gt=0, description="How often backlogs are measured.")
    idempotency_retention_days: int = 30
    sandbox_event_retention_days: int = Field(14, description="Topic retention: then Kafka forgets them too.")
    inbox_retention_days: int = Field(45, description="Topic retention (14) plus dead-letter replay (30).")

    @property
    def pool_limits(self) -> PoolLimits:
        """The limits of each connection pool."""
        return PoolLimits(
            min_size=self.postgres_pool_min,
            max_size=self.postgres_pool_max,
            statement_timeout_seconds=self.postgres_statement_timeout_seconds,
            acquire_timeout_seconds=self.postgres_acquire_timeout_seconds,
        )
