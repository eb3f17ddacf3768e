"""The subscription-renewal service. `python -m services.subscription_renewal.main`."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.subscription_renewal.charges.api import routes as charges
from services.subscription_renewal.charges.workers import bill_due_usage, next_usage_in
from services.subscription_renewal.copies.consumers import business, contact, product
from services.subscription_renewal.dunning import api as dunning
from services.subscription_renewal.dunning.consumers import invoice, payment, payment_method
from services.subscription_renewal.dunning.workers import retry_due
from services.subscription_renewal.meters import api as meters
from services.subscription_renewal.prices.api import routes as prices
from services.subscription_renewal.runs import api as renewal_runs
from services.subscription_renewal.runs.domain.run import Bounds
from services.subscription_renewal.runs.operations.next_due import next_due_at
from services.subscription_renewal.settings import SubscriptionRenewalSettings
from services.subscription_renewal.subscriptions.api import routes as subscriptions
from services.subscription_renewal.subscriptions.domain.cycle import Limits
from services.subscription_renewal.subscriptions.operations.renewing import Pace
from services.subscription_renewal.subscriptions.workers import measure, next_due_in, renew_due
from services.subscription_renewal.usage import api as usage
from services.subscription_renewal.usage_events.api import routes as usage_events
from services.subscription_renewal.usage_events.workers import keep_usage
from shared.environment import read_settings
from shared.http.client import ServiceClient
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.runtime.exposition import while_watched
from shared.runtime.service import Parts, Service, build, run
from shared.runtime.settings import Role
from shared.runtime.worker import Worker

EXAMPLES = Path(__file__).parent / "static" / "examples.json"


def make(role: Role) -> tuple[FastAPI, SubscriptionRenewalSettings]:
    """The service's app for this role, and its settings."""
    settings = read_settings(SubscriptionRenewalSettings)
    pace = _pace(settings)
    handlers = Handlers()
    for heard in (workspaces, business, contact, product, invoice, payment, payment_method):
        handlers.include(heard.handlers)

    def resources(_: Parts, app: FastAPI) -> Sequence[Callable[[], Awaitable[None]]]:
        client = ServiceClient("invoice", settings.invoice_url, settings.upstream_timeout_seconds)
        payments = ServiceClient("payment", settings.payment_url, settings.upstream_timeout_seconds)
        app.state.invoice_service, app.state.payment_service = client, payments
        return [client.close, payments.close]

    service = Service(
        name="subscription_renewal",
        title="Subscription renewal",
        settings=settings,
        routers=[
            subscriptions.router,
            renewal_runs.router,
            dunning.router,
            prices.router,
            meters.router,
            usage_events.telling,
            usage_events.router,
            usage_events.refused,
            usage.router,
            charges.router,
        ],
        examples=EXAMPLES,
        handlers=handlers,
        workers=lambda parts: _workers(settings, parts, pace),
        next_due_at=next_due_at,
        resources=resources,
    )
    app = build(service, role)
    app.state.renewal_pace, app.state.preview_limit_count = pace, settings.preview_limit_count
    app.state.usage_grace = timedelta(seconds=settings.usage_grace_seconds)
    return app, settings


def _workers(settings: SubscriptionRenewalSettings, parts: Parts, pace: Pace) -> list[Worker]:
    return [
        Worker(
            "renew_due",
            partial(renew_due, parts.worker, pace),
            settings.renewal_interval_seconds,
            follows_clocks=True,
            next_due_in=partial(next_due_in, parts.worker),
        ),
        Worker(
            "retry_due",
            partial(retry_due, parts.worker, settings.dunning_batch_size),
            settings.dunning_interval_seconds,
            follows_clocks=True,
        ),
        Worker("measure", while_watched(partial(measure, parts.worker)), settings.measure_interval_seconds),
        Worker(
            "bill_due_usage",
            partial(bill_due_usage, parts.worker, timedelta(seconds=settings.usage_grace_seconds)),
            settings.usage_interval_seconds,
            follows_clocks=True,
            next_due_in=partial(next_usage_in, parts.worker),
        ),
        Worker(
            "keep_usage",
            partial(keep_usage, parts.worker, settings.usage_raw_days, settings.usage_rejection_days),
            settings.usage_keep_interval_seconds,
        ),
    ]


def _pace(settings: SubscriptionRenewalSettings) -> Pace:
    return Pace(
        batch_size=settings.renewal_batch_size,
        limits=Limits(
            settings.catch_up_cap_periods,
            settings.renewal_periods_at_once,
            settings.billings_per_subscription_per_day,
        ),
        bounds=Bounds(settings.run_jump_factor, settings.run_jump_minimum_count, settings.run_check_seconds),
    )


if __name__ == "__main__":
    run(make, "subscription_renewal")
