"""Every environment variable of the invoice service."""

from pydantic import Field

from shared.runtime.settings import ServiceSettings


class InvoiceSettings(ServiceSettings):
    """What every service has, and the pace of this one's workers."""

    clock_interval_seconds: float = Field(30.0, description="How often late invoices and quotes are found.")
    clock_batch_size: int = Field(500, description="How many of them change in one transaction.")

    settlement_poll_ms: int = Field(
        10, description="How often a waiting request looks whether a payment arrived."
    )
