"""Loads what drafts are made from, for one or for many at once."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.invoice.business.operations import load_business
from services.invoice.contacts import repository as contacts
from services.invoice.invoices.domain.drafting import DraftContext
from services.invoice.lines.domain.line import Line, LineEdit
from services.invoice.products import repository as products
from shared.kernel.unset import Unset
from shared.messaging.work import Work


async def load_draft_context(
    work: Work,
    contact_ids: Iterable[UUID | Unset] = (),
    lines: Iterable[Line | LineEdit] = (),
    currency: str = "EUR",
) -> DraftContext:
    """The settings, these contacts and the products of these lines, as far as they exist.

    `currency` is the workspace's, where its business has said nothing yet.
    """
    product_ids = {line.product_id for line in lines if line.product_id}
    return DraftContext(
        business=await load_business(work, currency),
        contacts=await contacts.get_many(work.tx, work.workspace_id, _ids(contact_ids)),
        products=await products.get_many(work.tx, work.workspace_id, _ids(product_ids)),
    )


def lines_in_question(stay: Sequence[Line], edits: Sequence[LineEdit] | None) -> Sequence[Line | LineEdit]:
    """The lines whose products are to be known: those that are given, else those that stay."""
    return stay if edits is None else edits


def _ids(ids: Iterable[UUID | Unset]) -> list[UUID]:
    return sorted({id_ for id_ in ids if not isinstance(id_, Unset)})
