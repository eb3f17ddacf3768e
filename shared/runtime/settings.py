"""Settings that every service has; each service's own class adds its own. Read once, in main.py."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.kernel.key_ring import KeyRing
from shared.kernel.public_link import LinkKeys
from shared.postgres.pool import PoolLimits

Role = Literal["all", "api", "worker"]
DSN_EXAMPLE = "postgresql://user:password@host:5432/billing"
RANDOM_EXAMPLE = "what `openssl rand -hex 32` prints"
KEYS_EXAMPLE = "k1: and behind it what `openssl rand -base64 32` prints"


def _require_dsn(text: str) -> str:
    if not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("is no address of a Postgres")
    return text


def _require_keys(text: str) -> str:
    KeyRing.parse(text)
    return text


def _require_link_keys(text: str) -> str:
    LinkKeys.parse(text)
    return text


def _require_url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("is no address that begins with http:// or https://")
    return text


PostgresDsn = Annotated[str, AfterValidator(_require_dsn), Field(examples=[DSN_EXAMPLE])]
EncryptionKeys = Annotated[str, AfterValidator(_require_keys), Field(examples=[KEYS_EXAMPLE])]
PublicLinkKeys = Annotated[str, AfterValidator(_require_link_keys), Field(examples=[KEYS_EXAMPLE])]
ServiceUrl = Annotated[str, AfterValidator(_require_url), Field(examples=["http://invoice:8000"])]


class ServiceSettings(BaseSettings):
    """Environment variables without prefix; times in seconds."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    metrics_port: int | None = Field(
        None, ge=1, le=65535, description="Where `/metrics` is served, and nothing else; none: it is not."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"

    postgres_api_dsn: PostgresDsn = Field(description="Login of the api role: sees one workspace at a time.")
    postgres_worker_dsn: PostgresDsn = Field(
        description="Login of the worker role: consumers, workers, relay."
    )
    postgres_pool_min: int = 2
    postgres_pool_max: int = Field(16, description="Connections per pool; a process has one or two pools.")
    postgres_statement_timeout_seconds: int = 30
    postgres_acquire_timeout_seconds: int = 10

    public_base_url: str = Field("", description="Where the gateway answers outside, as events say.")
    otel_exporter_otlp_endpoint: str | None = Field(
        None, description="Base URL of an OpenTelemetry collector (OTLP/HTTP); none: no tracing."
    )

    internal_token_secret: str = Field(
        min_length=32, description="Shared by gateway and services.", examples=[RANDOM_EXAMPLE]
    )
    gather_writes: bool = Field(
        True,
        description="Whether hot POSTs of a workspace that come together share a transaction; "
        "without it each has one of its own: slower, and otherwise the same.",
    )
    drain_seconds: float = Field(
        0.0, ge=0, description="From SIGTERM on: not ready, but answering, so that callers go elsewhere."
    )
    graceful_timeout_seconds: int = Field(25, description="From then until open work is cut off.")
    worker_rest_seconds: float = Field(
        5.0,
        gt=0,
        description="How long workers that find nothing sleep at the most when nothing is committed in the "
        "service. A commit wakes them at once; what only the clock makes due, or a lost notification, "
        "waits so long. Longer costs less at rest.",
    )
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
