"""What sends e-invoices, made of the service's settings once its pools are open."""

import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from uuid import UUID

from services.invoice import metrics
from services.invoice.e_invoices.domain.e_invoice import StepDelays
from services.invoice.e_invoices.operations.access_points import AccessPoints
from services.invoice.e_invoices.providers.access_point import AccessPoint
from services.invoice.e_invoices.validation.process import ValidationProcess
from services.invoice.e_invoices.validation.rule_sets import superseded_on
from services.invoice.e_invoices.workers.send import EInvoiceLimits, EInvoiceSender
from services.invoice.invoices.workers.credit_at_issue import CreditAtIssue
from services.invoice.settings import InvoiceSettings
from shared.kernel.key_ring import KeyRing
from shared.postgres.transaction import Database


class OpenSandbox(Protocol):
    """Opens a workspace's account at the sandbox, which takes `slow_seconds` where it is to be slow."""

    def __call__(
        self, database: Database, workspace_id: UUID, validation: ValidationProcess, slow_seconds: float, /
    ) -> AccessPoint: ...


class EInvoiceProcess:
    """The access points of this process, and where there are workers, what sends through them."""

    access_points: AccessPoints
    sender: EInvoiceSender

    def __init__(self, settings: InvoiceSettings, open_sandbox: OpenSandbox) -> None:
        self._settings, self._open_sandbox = settings, open_sandbox

    def open(
        self, api: Database, worker: Database, openings: CreditAtIssue
    ) -> list[Callable[[], Awaitable[None]]]:
        """Make them; returns what to await at the end, last first."""
        settings = self._settings
        self.access_points = AccessPoints(
            KeyRing.parse(settings.encryption_keys),
            ValidationProcess(settings.einvoice_rules_dir, settings.e_invoice_validation_timeout_seconds),
            lambda workspace_id, validation: self._open_sandbox(
                api, workspace_id, validation, settings.sandbox_slow_seconds
            ),
            settings.storecove_api_base,
            settings.access_point_timeout_seconds,
        )
        _set_age_of_rules(settings)
        lease = timedelta(seconds=settings.e_invoice_lease_seconds)
        limits = EInvoiceLimits(settings.e_invoice_slots, lease)
        self.sender = EInvoiceSender(
            worker, self.access_points, delays_from_settings(settings), limits, openings=openings
        )
        return [self.access_points.close, self.sender.close]

    async def step(self) -> bool:
        """Take e-invoices further; True when there may be more at once."""
        return await self.sender.step()


def _set_age_of_rules(settings: InvoiceSettings) -> None:
    """For operators: rules that are superseded let through what the network refuses."""
    ends = superseded_on(settings.einvoice_rules_dir)
    midnight = datetime.combine(ends, time(), UTC).timestamp() if ends else math.inf
    metrics.E_INVOICE_RULES_SUPERSEDED.set(midnight)


def delays_from_settings(settings: InvoiceSettings) -> StepDelays:
    """How long e-invoices wait between steps."""
    return StepDelays.parse(
        settings.e_invoice_retry_delays_seconds,
        settings.e_invoice_lookup_delays_seconds,
        settings.e_invoice_status_delays_seconds,
        settings.e_invoice_reply_delays_seconds,
    )
