"""Every environment variable of the invoice service."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from shared.runtime.settings import EncryptionKeys, PublicLinkKeys, ServiceSettings, ServiceUrl


class InvoiceSettings(ServiceSettings):
    """What every service has, and the pace of this one's workers."""

    clock_interval_seconds: float = Field(30.0, description="How often late invoices and quotes are found.")
    clock_batch_size: int = Field(500, description="How many of them change in one transaction.")
    reminder_batch_size: int = Field(
        50, ge=1, description="How many invoices are reminded of in one transaction, which locks them."
    )

    payment_url: ServiceUrl = Field(description="Base URL of the payment service: it owns payment methods.")
    upstream_timeout_seconds: float = Field(5.0, gt=0, description="Then the answer is 503.")

    public_base_url: str = Field(description="Where the gateway answers outside, as links to invoices say.")
    public_link_keys: PublicLinkKeys = Field(
        description="`id:base64 of 32 bytes`, comma-separated, oldest first: they sign links to invoices."
    )

    encryption_keys: EncryptionKeys = Field(
        description="`id:base64 of 32 bytes`, comma-separated, oldest first: the last encrypts, all decrypt."
    )

    smtp_host: str | None = Field(None, description="The platform's mail server, for workspaces without one.")
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str | None = None
    smtp_password: str | None = None
    mail_from: str = Field("invoices@localhost", description="The sender of what goes through it.")
    channel_timeout_seconds: float = Field(
        30.0, gt=0, description="For one answer of a mail server or Twilio."
    )
    channel_allow_cidrs: str = Field(
        "",
        description="Networks, comma-separated, where mail servers of workspaces may be besides public ones.",
    )
    twilio_api_base: str = Field("https://api.twilio.com", description="Replaced in tests.")
    send_slots: int = Field(8, ge=1, description="Workspaces that this process sends for at once.")
    send_batch_size: int = Field(20, ge=1, description="Of one workspace, over one connection.")
    send_poll_seconds: float = 1.0
    send_lease_seconds: int = Field(
        180, ge=1, description="More than one attempt takes; what a killed worker held waits so long."
    )
    send_retry_delays_seconds: str = Field(
        "60,300,900,3600,10800,21600,43200",
        description="After attempts that surely failed; then it has failed.",
    )

    einvoice_rules_dir: Path | None = Field(
        None, description="Newer rules for e-invoices; a sheet there replaces the one of the packages."
    )
    e_invoice_validation_timeout_seconds: float = Field(
        20.0, gt=0, description="The first one also compiles the rules; then the answer is 503."
    )
    e_invoice_slots: int = Field(8, ge=1, description="E-invoices under way at once in this process.")
    e_invoice_poll_seconds: float = 1.0
    e_invoice_lease_seconds: int = Field(
        120,
        ge=1,
        description="More than the calls of one step take; what a killed worker held waits so long.",
    )
    e_invoice_retry_delays_seconds: str = Field(
        "5,30,120,600,3600*24", description="Where surely nothing was submitted; then it has failed."
    )
    e_invoice_lookup_delays_seconds: str = Field(
        "5,30,120,600,3600*24", description="While nobody knows whether it was submitted; then it has failed."
    )
    e_invoice_status_delays_seconds: str = Field(
        "5,15,60,300,900,3600*24,86400*14", description="Between looks at what was submitted."
    )
    e_invoice_reply_delays_seconds: str = Field(
        "60,3600,21600,86400*30", description="Between looks for what the receiver says of a delivered one."
    )
    storecove_api_base: str | None = Field(None, description="Replaces Storecove's address, for tests.")
    access_point_timeout_seconds: float = Field(20.0, gt=0, description="For one call to an access point.")
    sandbox_slow_seconds: float = Field(2.0, ge=0, description="How long the sandbox takes where it is slow.")

    waiting_billing_poll_seconds: float = Field(
        1.0, description="How often billings that wait for their workspace are looked at."
    )
    opening_wait_seconds: float = Field(
        3.0, ge=0, description="For an invoice that it has not heard of yet, before a document is given out."
    )

    settlement_poll_ms: int = Field(
        10, description="How often a waiting request looks whether a payment arrived."
    )
