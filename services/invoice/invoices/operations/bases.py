"""Loads what drafts are made from, for one or for many at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import Business
from services.invoice.business.repository import business as businesses
from services.invoice.contacts import repository as contacts
from services.invoice.invoices.domain.drafting import Basis
from services.invoice.lines.domain.line import Line
from services.invoice.products import repository as products
from shared.kernel import context
from shared.kernel.clock import Clock
from shared.postgres.pool import Connection


async def business_of(tx: Connection, workspace_id: UUID, clock: Clock, currency: str = "EUR") -> Business:
    """The workspace's settings; the defaults, with this currency, where it has said nothing yet."""
    found = await businesses.get(tx, workspace_id)
    return await named(tx, found or business_rules.start(workspace_id, currency, clock.now()))


async def named(tx: Connection, business: Business) -> Business:
    """The business, called as its workspace where it has not said its name."""
    if business.name:
        return business
    # Whoever asks through the gateway knows the name, even where the event that tells it is under way.
    name = context.workspace_name.get() or await businesses.workspace_name(tx, business.workspace_id)
    return business_rules.called(business, name)


def rows(stay: Iterable[Line], given: Sequence[Mapping[str, Any]] | None) -> Sequence[Mapping[str, Any]]:
    """The lines whose products are to be known: those that are given, else those that stay."""
    return [{"product_id": line.product_id} for line in stay] if given is None else given


async def load(
    tx: Connection,
    workspace_id: UUID,
    documents: Iterable[Mapping[str, Any]],
    lines: Iterable[Mapping[str, Any]],
    clock: Clock,
    currency: str = "EUR",
) -> Basis:
    """The settings, and the contacts and products that these documents and lines name and that exist."""
    contact_ids = {fields["contact_id"] for fields in documents if "contact_id" in fields}
    product_ids = {line["product_id"] for line in lines if line.get("product_id")}
    return Basis(
        business=await business_of(tx, workspace_id, clock, currency),
        contacts=await contacts.get_many(tx, workspace_id, sorted(contact_ids)),
        products=await products.get_many(tx, workspace_id, sorted(product_ids)),
    )
