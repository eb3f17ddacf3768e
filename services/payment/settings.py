"""Every environment variable of the payment service."""

from pydantic import Field

from shared.runtime.settings import EncryptionKeys, ServiceSettings, ServiceUrl


class PaymentSettings(ServiceSettings):
    """What every service has, and what is needed to reach the owner of invoices and payment providers."""

    invoice_url: ServiceUrl = Field(description="Base URL of the invoice service.")
    upstream_timeout_seconds: float = Field(5.0, gt=0, description="Then the answer is 503.")

    encryption_keys: EncryptionKeys = Field(
        description="`id:base64 of 32 bytes`, comma-separated, oldest first: the last encrypts, all decrypt."
    )
    stripe_api_base: str | None = Field(None, description="Replaces Stripe's address, for tests.")
    provider_timeout_seconds: int = Field(20, ge=1, description="For one call to a payment provider.")
    sandbox_slow_seconds: int = Field(2, ge=0, description="How long the sandbox's card `slow` takes.")

    collection_slots: int = Field(16, ge=1, description="Collections under way at once in this process.")
    collection_poll_seconds: float = 0.5
    collection_lease_seconds: int = Field(
        120,
        ge=1,
        description="More than the calls of one step take; what a killed worker held waits so long.",
    )
    collection_retry_delays_seconds: str = Field(
        "1,5,15,60,300,900,3600*24",
        description="After steps where surely nothing was executed; then it has failed.",
    )
    collection_lookup_delays_seconds: str = Field(
        "60,300,900,3600,86400*5",
        description="After steps with an unknown outcome; then a person must look at it.",
    )
    collection_processing_delays_seconds: str = Field(
        "60,300,900,3600,86400*30", description="Between look-ups while the provider works on it."
    )
    collection_action_seconds: int = Field(
        259_200, description="For a payer to answer their bank; then the collection has failed."
    )
    checkout_seconds: int = Field(
        3600, ge=2400, le=86_400, description="For a payer to pay on a provider's page; then it is closed."
    )
    collection_outdated_interval_seconds: float = Field(
        5.0, description="How often collections of more than is due are looked for."
    )
    provider_events_poll_seconds: float = 1.0
    provider_catch_up_seconds: int = Field(
        300, description="How often providers are asked for events that never arrived."
    )
    provider_event_retention_days: int = Field(60, description="More than a provider sends one again.")
    refund_poll_seconds: float = 1.0
    ledger_watch_interval_seconds: float = Field(
        60.0, gt=0, description="How often ledgers are compared with their rows, for a second each time."
    )
    bank_lines_poll_seconds: float = Field(
        2.0, gt=0, description="How often imported lines of banks' files are looked for."
    )
    payment_method_interval_seconds: float = Field(
        30.0, description="How often expiring methods are announced and deleted ones detached."
    )
