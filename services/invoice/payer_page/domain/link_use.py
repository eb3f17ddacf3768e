"""What the public link does to an invoice: it is looked at for the first time, or gets another link."""

from dataclasses import replace
from datetime import datetime

from services.invoice.common.domain import public_link
from services.invoice.invoices.domain import edition
from services.invoice.invoices.domain.invoice import Invoice, Status
from shared.kernel.errors import Conflict


class NoPublicLink(Conflict):
    """A draft has no public link: it gets one when it is issued."""

    code = "no_public_link"


def mark_opened(invoice: Invoice, now: datetime) -> Invoice:
    """The invoice was looked at; the same invoice when it was before."""
    if invoice.opened_at is not None:
        return invoice
    return replace(invoice, opened_at=now, version=invoice.version + 1, updated_at=now)


def renew_link(invoice: Invoice, now: datetime) -> Invoice:
    """Another link, with which the old one ends; raises NoPublicLink."""
    if invoice.status is Status.DRAFT:
        raise NoPublicLink
    token = public_link.new_token(invoice.workspace_id, invoice.id)
    url = public_link.url_of(token)
    renewed = replace(invoice, public_token=token, pay_url=url, version=invoice.version + 1, updated_at=now)
    return edition.follow(invoice, renewed, now)
