"""Loads what drafts are made from, for one or for many at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.invoice.business.operations import load_business
from services.invoice.contacts import repository as contacts
from services.invoice.invoices.domain.drafting import DraftContext
from services.invoice.lines.domain.line import Line
from services.invoice.products import repository as products
from shared.kernel.clock import Clock
from shared.postgres.pool import Connection


def lines_in_question(
    stay: Iterable[Line], given: Sequence[Mapping[str, Any]] | None
) -> Sequence[Mapping[str, Any]]:
    """The lines whose products are to be known: those that are given, else those that stay."""
    return [{"product_id": line.product_id} for line in stay] if given is None else given


async def load_draft_context(
    tx: Connection,
    workspace_id: UUID,
    documents: Iterable[Mapping[str, Any]],
    lines: Iterable[Mapping[str, Any]],
    clock: Clock,
    currency: str = "EUR",
) -> DraftContext:
    """The settings, and the contacts and products that these documents and lines name and that exist."""
    contact_ids = {fields["contact_id"] for fields in documents if "contact_id" in fields}
    product_ids = {line["product_id"] for line in lines if line.get("product_id")}
    return DraftContext(
        business=await load_business(tx, workspace_id, clock, currency),
        contacts=await contacts.get_many(tx, workspace_id, sorted(contact_ids)),
        products=await products.get_many(tx, workspace_id, sorted(product_ids)),
    )
