"""The dialect `workspace`: its endpoints, and how it presents itself."""

from services.gateway.dialects.common.dialect import Dialect
from services.gateway.dialects.common.problems import Error, telling
from services.gateway.dialects.workspace import customers, invoices, words

SECURITY = {
    "Bearer": {"type": "http", "scheme": "bearer", "description": "A user's JWT, or an API key."},
    "TenantSlug": {
        "type": "apiKey",
        "in": "header",
        "name": "x-tenant-slug",
        "description": "The workspace that a user's JWT is to open.",
    },
}

WORKSPACE = Dialect(
    name="workspace",
    title="Workspace API",
    description=(
        "Versioned REST contract for web, native apps and integrations. Send a user's JWT as a Bearer token "
        "with the workspace's slug in `x-tenant-slug`; an API key needs no slug. "
        "Amounts are numbers in major units."
    ),
    version="1.0.0",
    operations=(*customers.OPERATIONS, *invoices.OPERATIONS),
    problem=telling(words.word),
    problem_model=Error,
    security=SECURITY,
    signing_in=({"Bearer": [], "TenantSlug": []}, {"Bearer": []}),
)
