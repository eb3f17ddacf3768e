"""Every environment variable of the payment service."""

from pydantic import Field

from shared.runtime.settings import ServiceSettings


class PaymentSettings(ServiceSettings):
    """What every service has, and where the owner of invoices and contacts answers."""

    invoice_url: str = Field(description="Base URL of the invoice service.")
    upstream_timeout_seconds: float = Field(5.0, gt=0, description="Then the answer is 503.")
