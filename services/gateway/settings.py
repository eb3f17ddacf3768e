"""What the gateway reads from its environment."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.runtime.settings import ServiceSettings

Prefix = Annotated[str, StringConstraints(pattern=r"^(/[a-z0-9-]+)+$")]


class Settings(ServiceSettings):
    """Environment variables without prefix; times in seconds."""

    postgres_auth_dsn: str = Field(description="Login of gateway_auth: reads keys and workspaces only.")
    postgres_auth_pool_max: int = 4

    admin_token: str = Field(min_length=16, description="Opens /v1/workspaces, and nothing else.")
    api_key_pepper: str = Field(min_length=32, description="Keys are stored as HMAC-SHA256 with it.")
    credential_cache_seconds: float = Field(
        5.0, ge=0, le=25, description="Until a revoked key is refused by every replica."
    )
    sandbox_cache_seconds: float = Field(
        0.5, ge=0, le=25, description="The same for a sandbox: its credential carries its clock."
    )
    key_use_interval_seconds: float = Field(10.0, description="How often last_used_at is stored.")

    clock_interval_seconds: float = Field(0.25, description="How often it looks for clocks to move.")
    clock_pause_ms: int = Field(30, description="Between two rounds of questions to the services.")
    clock_lease_seconds: float = Field(10.0, description="Then another worker moves a killed one's clocks.")
    clock_batch_size: int = Field(16, description="How many clocks one process moves at once.")

    jwt_secret: str | None = Field(None, min_length=32, description="Without one, no JWT is accepted.")
    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = "HS256"
    jwt_issuer: str = "billing-local"
    jwt_audience: str = "billing"

    invoice_url: str
    payment_url: str
    subscription_renewal_url: str
    webhook_delivery_url: str
    upstream_timeout_seconds: float = 30.0
    upstream_max_connections: int = Field(256, description="To each service.")
    openapi_cache_seconds: float = Field(30.0, description="How long the services' descriptions are kept.")

    paydock_prefix: Prefix = "/paydock/api"
    workspace_prefix: Prefix = "/workspace/api/v1"
    fastfaktura_prefix: Prefix = "/fastfaktura/api/v1"
    facturering_prefix: Prefix = "/facturering"

    @property
    def upstream_urls(self) -> dict[str, str]:
        """Where each service answers, by its package."""
        return {
            "invoice": self.invoice_url,
            "payment": self.payment_url,
            "subscription_renewal": self.subscription_renewal_url,
            "webhook_delivery": self.webhook_delivery_url,
        }
