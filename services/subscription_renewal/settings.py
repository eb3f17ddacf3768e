"""Every environment variable of the subscription-renewal service."""

from pydantic import Field

from shared.runtime.settings import ServiceSettings, ServiceUrl


class SubscriptionRenewalSettings(ServiceSettings):
    """What every service has, where contacts and products are owned, and the bounds of the renewals."""

    invoice_url: ServiceUrl = Field(description="Base URL of the invoice service.")
    payment_url: ServiceUrl = Field(description="Base URL of the payment service: it owns payment methods.")
    upstream_timeout_seconds: float = Field(5.0, gt=0, description="Then the answer is 503.")

    renewal_interval_seconds: float = Field(0.5, gt=0, description="How often what is due is looked for.")
    renewal_batch_size: int = Field(500, ge=1, le=5_000, description="Subscriptions in a transaction.")
    renewal_periods_at_once: int = Field(100, ge=1, description="Of one subscription, in a transaction.")
    catch_up_cap_periods: int = Field(3, ge=1, description="Missed periods that are billed; more are parked.")
    billings_per_subscription_per_day: int = Field(10, ge=1, description="More park the subscription.")
    run_jump_factor: int = Field(20, ge=2, description="A run so many times its largest forerunner pauses …")
    run_jump_minimum_count: int = Field(10_000, ge=1, description="… from this many subscriptions on.")
    run_check_seconds: float = Field(10.0, gt=0, description="How often a run's size is looked at.")
    measure_interval_seconds: float = Field(30.0, gt=0, description="How often what is parked is counted.")
    preview_limit_count: int = Field(20_000, ge=1, description="Subscriptions that a preview looks at.")

    usage_grace_seconds: int = Field(
        3_600, ge=0, le=72 * 3_600, description="How long after a period's end its usage is billed."
    )
    usage_interval_seconds: float = Field(
        1.0, gt=0, description="How often usage that is to be billed is looked for."
    )
    usage_raw_days: int = Field(65, ge=36, description="How long raw usage is kept, and repeats do nothing.")
    usage_rejection_days: int = Field(30, ge=1, description="How long refused usage is kept.")
    usage_keep_interval_seconds: float = Field(
        600.0, gt=0, description="How often partitions of raw usage are made and dropped."
    )

    dunning_interval_seconds: float = Field(5.0, gt=0, description="How often due retries are looked for.")
    dunning_batch_size: int = Field(200, ge=1, le=5_000, description="Campaigns in one transaction.")
