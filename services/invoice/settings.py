"""Every environment variable of the invoice service."""

from pydantic import Field

from shared.runtime.settings import ServiceSettings


class InvoiceSettings(ServiceSettings):
    """Nothing but what every service has, and how often a waiting reader looks again."""

    settlement_poll_ms: int = Field(
        10, description="How often a waiting request looks whether a payment arrived."
    )
