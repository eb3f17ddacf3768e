"""The subscription-renewal service. `python -m services.subscription_renewal.main`."""

from fastapi import FastAPI

from services.subscription_renewal.consumers import contact, product
from services.subscription_renewal.settings import SubscriptionRenewalSettings
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.runtime.service import Service, build, run
from shared.runtime.settings import Role


def make(role: Role) -> tuple[FastAPI, SubscriptionRenewalSettings]:
    """The service's app for this role, and its settings."""
    settings = SubscriptionRenewalSettings()
    handlers = Handlers()
    for heard in (workspaces, contact, product):
        handlers.include(heard.handlers)
    service = Service(
        name="subscription_renewal",
        title="Subscription renewal",
        settings=settings,
        routers=[],
        handlers=handlers,
    )
    return build(service, role), settings


if __name__ == "__main__":
    run(make, "subscription_renewal")
