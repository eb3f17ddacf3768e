"""The payment service: receivables, payments, credit balances. `python -m services.payment.main`."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import FastAPI

from services.payment.api import allocations, credit_balances, payments
from services.payment.consumers import contact, invoice
from services.payment.settings import PaymentSettings
from shared.http.client import ServiceClient
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.runtime.service import Parts, Service, build, run
from shared.runtime.settings import Role


def make(role: Role) -> tuple[FastAPI, PaymentSettings]:
    """The service's app for this role, and its settings."""
    settings = PaymentSettings()
    handlers = Handlers()
    for heard in (workspaces, contact, invoice):
        handlers.include(heard.handlers)

    def resources(_: Parts, app: FastAPI) -> Sequence[Callable[[], Awaitable[Any]]]:
        client = ServiceClient("invoice", settings.invoice_url, settings.upstream_timeout_seconds)
        app.state.invoice_service = client
        return [client.close]

    service = Service(
        name="payment",
        title="Payments",
        settings=settings,
        routers=[payments.router, allocations.router, credit_balances.router],
        handlers=handlers,
        resources=resources,
    )
    return build(service, role), settings


if __name__ == "__main__":
    run(make, "payment")
