"""Invoices named in a path, by their id or by their number."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request

from services.invoice.invoices.repository import invoices
from shared.http.internal_auth import Who
from shared.kernel import text
from shared.kernel.errors import Invalid
from shared.postgres.transaction import Database

Named = Annotated[
    str,
    Path(
        min_length=1,
        max_length=100,
        description="The invoice's id, or its number as it is printed, such as `2026-0042`.",
        examples=["2026-0042"],
    ),
]


async def find_invoice_id(invoice_id: Named, request: Request, who: Who) -> UUID:
    """The id of the invoice that the path names; raises NotFound where no invoice has the number."""
    try:
        return UUID(invoice_id)
    except ValueError:
        number = invoice_id
    if text.holds_forbidden(number):
        raise Invalid(text.FAULT, field="invoice_id")
    database: Database = request.app.state.database
    async with database.transaction(who.workspace_id) as tx:
        return await invoices.id_of_number(tx, who.workspace_id, number)


InvoiceId = Annotated[UUID, Depends(find_invoice_id)]
"""Of a route that reads: the id, by whichever name. What changes an invoice takes its id alone."""
