"""The dialect `paydock`: its endpoints, and how it presents itself."""

from services.gateway.dialects.common.dialect import Dialect
from services.gateway.dialects.common.problems import Error, telling
from services.gateway.dialects.paydock import (
    client_portal,
    contacts,
    invoices,
    payments,
    products,
    quotes,
    subscriptions,
    words,
)

PAYDOCK = Dialect(
    name="paydock",
    title="PayDock API",
    description=(
        "REST API for integrations with external systems. Send your key in the `X-API-Key` header. "
        "Amounts are numbers in major units, such as 339.00.\n\n"
        "Invoice statuses: `concept`, `verzonden`, `deels_betaald`, `betaald`, `geannuleerd`, `oninbaar`; "
        "`?status=vervallen` finds the overdue ones."
    ),
    version="1.0.0",
    operations=(
        *contacts.OPERATIONS,
        *products.OPERATIONS,
        *invoices.OPERATIONS,
        *quotes.OPERATIONS,
        *subscriptions.OPERATIONS,
        *payments.OPERATIONS,
        *client_portal.OPERATIONS,
    ),
    problem=telling(words.invoice_of_status),
    problem_model=Error,
    openapi="3.0.3",
)
