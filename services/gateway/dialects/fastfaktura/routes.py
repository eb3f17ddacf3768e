"""The dialect `fastfaktura`: its endpoints, and how it presents itself."""

from services.gateway.dialects.common.dialect import API_KEY, Dialect
from services.gateway.dialects.common.problems import Error, telling
from services.gateway.dialects.fastfaktura import business, clients, invoices, sends, words

FASTFAKTURA = Dialect(
    name="fastfaktura",
    title="FastFaktura API",
    description=(
        "Klanten, facturen, verzending en PDF's via een eenvoudige REST API. Send your key in the "
        "`X-Api-Key` header or as a Bearer token; both are equal. Amounts are whole cents.\n\n"
        "Sandbox accounts simulate sending and use Stripe in test mode."
    ),
    version="1.0.0",
    operations=(
        *business.OPERATIONS,
        *clients.OPERATIONS,
        *invoices.OPERATIONS,
        *sends.OPERATIONS,
    ),
    problem=telling(words.word),
    problem_model=Error,
    security={**API_KEY, "Bearer": {"type": "http", "scheme": "bearer"}},
    signing_in=({"ApiKey": []}, {"Bearer": []}),
)
