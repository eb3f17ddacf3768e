"""The dialect `facturering`: its endpoints, and how it presents itself."""

from services.gateway.dialects.common.dialect import Dialect
from services.gateway.dialects.facturering import (
    errors,
    invoices,
    payment_methods,
    rows,
    sends,
    transactions,
)

FACTURERING = Dialect(
    name="facturering",
    title="Facturering & betalingen",
    description=(
        "Maak en lees facturen, regels, betalingen en e-facturering. Send your key in the `X-API-Key` "
        "header. Replies are JSON-LD, or plain JSON for `Accept: application/json`; relations are IRIs; "
        "PATCH takes a merge patch. Amounts are decimal strings in major units."
    ),
    version="1.0.0",
    operations=(
        *sends.OPERATIONS,
        *invoices.OPERATIONS,
        *rows.OPERATIONS,
        *transactions.OPERATIONS,
        *payment_methods.OPERATIONS,
    ),
    problem=errors.to_reply,
    problem_model=errors.Error,
    problem_media=errors.MEDIA,
)
