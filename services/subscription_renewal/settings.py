"""Every environment variable of the subscription-renewal service."""

from shared.runtime.settings import ServiceSettings


class SubscriptionRenewalSettings(ServiceSettings):
    """What every service has."""
