"""Prints documents as PDF; one that was issued is given out again as it was the first time.

The walk: `load_print_order` within a transaction, `attach_data`, `render_document` in a thread, and
`keep_rendering` within another transaction. None stays open while a document is validated and set.
"""

import hashlib
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from services.invoice.business import rendering as logo_image
from services.invoice.business import repository as businesses
from services.invoice.business.domain.logo import Logo
from services.invoice.documents import repository as printed_documents
from services.invoice.documents.domain import printed_document as rules
from services.invoice.documents.domain.document_data import DataWriter
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.domain.printed_document import PrintedDocument
from services.invoice.documents.rendering import pdf
from shared.events.e_invoice import EInvoiceFinding
from shared.messaging.work import Work

log = structlog.get_logger()
NOT_ARCHIVAL = EInvoiceFinding(
    rule="PDF/A-3b",
    severity="fatal",
    message="It has a character that no font has, so that it can neither be archived nor carry data.",
    location="/",
)


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """What is to be printed: the document, its logo, and what it was printed as before."""

    workspace_id: UUID
    document_id: UUID
    model: PrintModel
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
class RenderedDocument:
    """The finished bytes; `is_as_issued`: None where nothing is kept, False where they came out otherwise."""

    order: PrintOrder
    content: bytes
    sha256: str
    template_version: int
    is_archival: bool
    is_factur_x: bool
    is_as_issued: bool | None
    findings: tuple[EInvoiceFinding, ...]


async def load_print_order(work: Work, document_id: UUID, model: PrintModel) -> PrintOrder:
    """Load what printing the document needs: its logo, and how it was printed the first time."""
    tx, workspace_id = work.tx, work.workspace_id
    sha256 = model.seller.logo_sha256
    logo = await businesses.get_logo(tx, workspace_id, sha256) if sha256 else None
    if not rules.is_kept(model):
        return PrintOrder(workspace_id, document_id, model, logo)
    # What the first template has printed it prints again, by what it was given then.
    former = rules.as_printed_by_first_template(model)
    for candidate in (model, former):
        content = rules.content_sha256(candidate)
        known = await printed_documents.find(tx, workspace_id, model.kind, document_id, content)
        if known and (candidate is model or known.template_version == 1):
            return PrintOrder(workspace_id, document_id, candidate, logo, known, content)
    return PrintOrder(workspace_id, document_id, model, logo, None, rules.content_sha256(model))


async def attach_data(order: PrintOrder, writer: DataWriter) -> PrintOrder:
    """The order with what it carries as Factur-X, which keeps every rule; else with the reasons for none.

    What was given out keeps what it carried. Raises ValidationUnavailable.
    """
    model, known = order.model, order.known
    if known and (known.data or not known.is_factur_x):
        return replace(order, data=known.data, rule_set=known.rule_set, findings=known.findings)
    if model.kind == "quote" or model.status in ("draft", "void"):
        return order
    data = await writer.write(model, was_validated=known is not None)
    return replace(order, data=data.content, rule_set=data.rule_set, findings=data.findings)


def render_document(order: PrintOrder) -> RenderedDocument:
    """Set the document by the template of its first time; 10 to 50 ms, so call it in a thread."""
    version = order.known.template_version if order.known else pdf.TEMPLATE_VERSION
    logo = logo_image.to_svg(order.logo) if order.logo else None
    printed = pdf.render_pdf(order.model, logo, version, order.data)
    sha256 = hashlib.sha256(printed.content).hexdigest()
    is_same = None if not order.content_sha256 else order.sha256 in (None, sha256)
    if is_same is False:
        # The template is the same: another release of a library or a font sets it otherwise.
        log.error("document.differs", document_id=str(order.document_id), was=order.sha256, now=sha256)
    findings = order.findings if printed.is_archival else (*order.findings, NOT_ARCHIVAL)
    return RenderedDocument(
        order, printed.content, sha256, version, printed.is_archival, printed.is_factur_x, is_same, findings
    )


async def keep_rendering(work: Work, rendered: RenderedDocument) -> None:
    """Store what an issued document was given out as, the first time."""
    order = rendered.order
    if order.known or not order.content_sha256:
        return
    await printed_documents.keep(
        work.tx,
        PrintedDocument(
            workspace_id=order.workspace_id,
            kind=order.model.kind,
            document_id=order.document_id,
            content_sha256=order.content_sha256,
            sha256=rendered.sha256,
            template_version=rendered.template_version,
            is_archival=rendered.is_archival,
            is_factur_x=rendered.is_factur_x,
            printed_at=work.clock.now(),
            data=order.data if rendered.is_factur_x else None,
            rule_set=order.rule_set,
            findings=rendered.findings,
        ),
    )
