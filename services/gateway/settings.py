"""What the gateway reads from its environment."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from shared.runtime.settings import PostgresDsn, PublicLinkKeys, ServiceSettings, ServiceUrl

Prefix = Annotated[str, StringConstraints(pattern=r"^(/[a-z0-9-]+)+$")]
Shared = Literal["HS256", "HS384", "HS512"]
Public = Literal["RS256", "ES256", "EdDSA", "Ed25519"]
# What the holder of a token can write into it himself opens nothing.
WRITTEN_BY_USERS = "user_metadata"


class IssuerSettings(BaseModel):
    """Who signs users' tokens: with a secret that we share, or with keys that stand at an address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(min_length=1, description="`iss` of its tokens.")
    audience: str = Field(min_length=1, description="`aud` of its tokens.")
    algorithms: tuple[Shared | Public, ...] = Field(min_length=1, description="No other one counts.")
    secret: SecretStr | None = Field(None, min_length=32, description="For HS256, HS384 and HS512.")
    jwks_url: str | None = Field(None, description="For RS256, ES256 and EdDSA: its key set, over https.")
    workspaces_claim: str = Field(
        "workspaces",
        description="Path of the claim that lists slugs, or roles by slug; empty: memberships alone count.",
    )
    default_role: str = Field("owner", description="Of whoever the claim lists without a role.")

    @model_validator(mode="after")
    def _has_fitting_keys(self) -> Self:
        if (self.secret is None) == (self.jwks_url is None):
            raise ValueError("give either secret or jwks_url")
        if any(name.startswith("HS") != (self.secret is not None) for name in self.algorithms):
            raise ValueError("a secret is for HS256, HS384 and HS512, a jwks_url for all others")
        if WRITTEN_BY_USERS in self.workspaces_claim.split("."):
            raise ValueError(f"users write {WRITTEN_BY_USERS} themselves")
        return self


class Settings(ServiceSettings):
    """Environment variables without prefix; times in seconds."""

    postgres_auth_dsn: PostgresDsn = Field(
        description="Login of gateway_auth: reads keys and workspaces only."
    )
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

    jwt_secret: str | None = Field(None, min_length=32, description="Without one, JWT_ISSUERS alone count.")
    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = "HS256"
    jwt_issuer: str = "billing-local"
    jwt_audience: str = "billing"

    jwt_issuers: list[IssuerSettings] = Field([], description="As JSON; further issuers of tokens.")
    jwks_allow_loopback: bool = Field(False, description="Key sets over http on this machine: for tests.")
    roles: dict[str, frozenset[str]] = Field(
        {
            "owner": frozenset({"*"}),
            "editor": frozenset({"*:read", "contacts:*", "products:*", "quotes:*", "invoices:*"}),
            "viewer": frozenset({"*:read"}),
        },
        description="As JSON: which scopes a user has by its role in a workspace.",
    )

    trusted_proxies: list[IPv4Network | IPv6Network] = Field(
        [], description="As JSON: whose X-Forwarded-For and X-Forwarded-Proto count."
    )
    failed_attempts_per_minute: int = Field(60, ge=1, description="By address; then it has to wait.")
    address_requests_per_second: int = Field(100, ge=1, description="Without a credential.")
    provider_requests_per_second: int = Field(1000, ge=1, description="Provider webhooks, by address.")
    key_requests_per_second: int = Field(1000, ge=1, description="By key or user, on all replicas together.")
    key_requests_burst: int = Field(1000, ge=1, description="At once, after a pause.")
    workspace_requests_in_flight: int = Field(256, ge=1, description="On all replicas together.")
    limits_interval_seconds: float = Field(0.25, gt=0, description="How often replicas share counts.")
    shed_target_seconds: float = Field(0.25, gt=0, description="The longest that work may always wait.")
    shed_interval_seconds: float = Field(1.0, gt=0, description="For how long it must, to shed load.")
    request_timeout_seconds: float = Field(60.0, gt=0, description="Until an answer begins.")
    hsts_seconds: int = Field(0, ge=0, description="Strict-Transport-Security; 0: none, TLS ends elsewhere.")
    origin_cache_seconds: float = Field(5.0, ge=0, description="How long an allowed origin is kept.")

    public_base_url: str = Field(description="Where it answers outside: payers come back there.")
    public_link_keys: PublicLinkKeys = Field(
        description="Those of the invoice service, which signs links with them."
    )

    invoice_url: ServiceUrl
    payment_url: ServiceUrl
    subscription_renewal_url: ServiceUrl
    webhook_delivery_url: ServiceUrl
    upstream_timeout_seconds: float = 30.0
    upstream_max_connections: int = Field(256, description="To each service.")
    openapi_cache_seconds: float = Field(30.0, description="How long the services' descriptions are kept.")

    paydock_prefix: Prefix = "/paydock/api"
    workspace_prefix: Prefix = "/workspace/api/v1"
    fastfaktura_prefix: Prefix = "/fastfaktura/api/v1"
    facturering_prefix: Prefix = "/facturering"

    @property
    def issuers(self) -> list[IssuerSettings]:
        """Every issuer of tokens: the one of the single settings, and those of the list."""
        if self.jwt_secret is None:
            return self.jwt_issuers
        single = IssuerSettings(
            issuer=self.jwt_issuer,
            audience=self.jwt_audience,
            algorithms=(self.jwt_algorithm,),
            secret=SecretStr(self.jwt_secret),
        )
        return [single, *self.jwt_issuers]

    @property
    def upstream_urls(self) -> dict[str, str]:
        """Where each service answers, by its package."""
        return {
            "invoice": self.invoice_url,
            "payment": self.payment_url,
            "subscription_renewal": self.subscription_renewal_url,
            "webhook_delivery": self.webhook_delivery_url,
        }
