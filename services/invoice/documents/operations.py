"""Documents become PDF: what an issued one was given out as is kept, and it is given out so again.

Four steps, since no transaction stays open while a document is validated and set: `prepare` within one,
`with_data`, `render` in a thread, `keep` within another one.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from services.invoice.business.domain.logo import Logo
from services.invoice.business.repository import logos
from services.invoice.documents import repository as printed_documents
from services.invoice.documents.domain import printed as rules
from services.invoice.documents.domain.paper import Paper
from services.invoice.documents.domain.printed import PrintedDocument
from services.invoice.documents.rendering import logo_image, pdf
from services.invoice.e_invoices.domain.facts import EInvoiceFinding
from services.invoice.e_invoices.rendering import cii
from services.invoice.e_invoices.rendering.e_invoice import NotAnEInvoice
from services.invoice.e_invoices.validation.process import ValidationProcess
from shared.postgres.pool import Connection

log = structlog.get_logger()
NOT_ARCHIVAL = EInvoiceFinding(
    rule="PDF/A-3b",
    severity="fatal",
    message="It has a character that no font has, so that it can neither be archived nor carry data.",
    location="/",
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be printed: the document, its logo, and what it was printed as before."""

    workspace_id: UUID
    document_id: UUID
    paper: Paper
    logo: Logo | None = None
    known: PrintedDocument | None = None
    content_sha256: str = ""
    # Of `with_data`: what it will carry, or the findings for which it carries none.
    data: bytes | None = None
    rule_set: str | None = None
    findings: tuple[EInvoiceFinding, ...] = ()

    @property
    def sha256(self) -> str | None:
        """Of the bytes that it was given out as, if it was."""
        return self.known.sha256 if self.known else None


@dataclass(frozen=True, slots=True)
class Printed:
    """The finished bytes; `is_as_issued`: None where nothing is kept, False where they came out otherwise."""

    order: Order
    content: bytes
    sha256: str
    template_version: int
    is_archival: bool
    is_factur_x: bool
    is_as_issued: bool | None
    findings: tuple[EInvoiceFinding, ...]


async def prepare(tx: Connection, workspace_id: UUID, document_id: UUID, paper: Paper) -> Order:
    """Load what printing the document needs: its logo, and how it was printed the first time."""
    sha256 = paper.seller.logo_sha256
    logo = await logos.get(tx, workspace_id, sha256) if sha256 else None
    if not rules.is_fixed(paper):
        return Order(workspace_id, document_id, paper, logo)
    # What the first template has printed it prints again, by what it was given then.
    former = rules.as_first_template(paper)
    for given in (paper, former):
        content = rules.content_sha256(given)
        known = await printed_documents.find(tx, workspace_id, paper.kind, document_id, content)
        if known and (given is paper or known.template_version == 1):
            return Order(workspace_id, document_id, given, logo, known, content)
    return Order(workspace_id, document_id, paper, logo, None, rules.content_sha256(paper))


async def with_data(order: Order, validation: ValidationProcess) -> Order:
    """The order with what it carries as Factur-X, which keeps every rule; else with the reasons for none.

    What was given out keeps what it carried. Raises ValidationUnavailable: what nobody has validated is not
    given out, with data or without.
    """
    paper, known = order.paper, order.known
    if known and (known.data or not known.is_factur_x):
        return replace(order, data=known.data, rule_set=known.rule_set, findings=known.findings)
    if paper.kind == "quote" or paper.status in ("draft", "void"):
        return order
    try:
        data = cii.write(paper)
    except NotAnEInvoice as error:
        return replace(order, findings=_lacking(error))
    if known:
        return replace(order, data=data)
    findings = await validation.findings(data, "cii")
    is_valid = all(found.severity != "fatal" for found in findings)
    rule_set = validation.rule_set("cii")
    return replace(order, data=data if is_valid else None, rule_set=rule_set, findings=tuple(findings))


def _lacking(error: NotAnEInvoice) -> tuple[EInvoiceFinding, ...]:
    """What keeps a document from being an e-invoice at all, as findings: the fields stand for places."""
    return tuple(
        EInvoiceFinding(rule=error.code, severity="fatal", message=fault.message, location=fault.pointer)
        for fault in error.errors
    )


def render(order: Order) -> Printed:
    """Set the document by the template of its first time; 10 to 50 ms, so call it in a thread."""
    version = order.known.template_version if order.known else pdf.TEMPLATE_VERSION
    logo = logo_image.svg_of(order.logo) if order.logo else None
    made = pdf.render(order.paper, logo, version, order.data)
    sha256 = hashlib.sha256(made.content).hexdigest()
    is_same = None if not order.content_sha256 else order.sha256 in (None, sha256)
    if is_same is False:
        # The template is the same: another release of a library or a font sets it otherwise.
        log.error("document.differs", document_id=str(order.document_id), was=order.sha256, now=sha256)
    findings = order.findings if made.is_archival else (*order.findings, NOT_ARCHIVAL)
    return Printed(
        order, made.content, sha256, version, made.is_archival, made.is_factur_x, is_same, findings
    )


async def keep(tx: Connection, printed: Printed, now: datetime) -> None:
    """Store what an issued document was given out as, the first time."""
    order = printed.order
    if order.known or not order.content_sha256:
        return
    await printed_documents.keep(
        tx,
        PrintedDocument(
            workspace_id=order.workspace_id,
            kind=order.paper.kind,
            document_id=order.document_id,
            content_sha256=order.content_sha256,
            sha256=printed.sha256,
            template_version=printed.template_version,
            is_archival=printed.is_archival,
            is_factur_x=printed.is_factur_x,
            printed_at=now,
            data=order.data if printed.is_factur_x else None,
            rule_set=order.rule_set,
            findings=printed.findings,
        ),
    )
