"""What the API answers with, for annotations of one's own: `def remind(invoice: models.Invoice)`."""

from billing_sdk._generated.models import *  # noqa: F403
