"""E-invoices are validated and queued here; `e_invoices/workers/send.py` takes them further, step by step."""

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from services.invoice.common.domain.electronic_address import Participant
from services.invoice.credit_notes import repository as credit_notes
from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.documents import operations as documents
from services.invoice.documents.domain import print_model
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.e_invoices import repository as e_invoices
from services.invoice.e_invoices.domain import e_invoice as e_invoice_rules
from services.invoice.e_invoices.domain import rule_fields
from services.invoice.e_invoices.domain.e_invoice import (
    EInvoice,
    EInvoiceDocument,
    EInvoiceSent,
    EInvoiceStatus,
    SyntaxNotSupported,
)
from services.invoice.e_invoices.operations.access_points import AccessPoints
from services.invoice.e_invoices.operations.document_data import FacturXData
from services.invoice.e_invoices.rendering import cii, ubl
from services.invoice.e_invoices.rendering.business_terms import NotAnEInvoice
from services.invoice.e_invoices.validation.process import ValidationProcess
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.domain.invoice import Status as InvoiceStatus
from services.invoice.invoices.operations.invoices import issue_invoice
from services.invoice.invoices.repository import invoices
from services.invoice.sending.domain.sendable import InvoiceIsVoid
from services.invoice.sending.operations import invoice_marks
from shared.events.e_invoice import EInvoiceCreated, EInvoiceFinding, EInvoiceSyntax, EInvoiceUpdated
from shared.kernel.clock import Clock
from shared.messaging.work import Work
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class EInvoiceRequest:
    """Which document to send as an e-invoice, to whom; without a receiver to the contact's own address."""

    invoice_id: UUID | None
    credit_note_id: UUID | None
    receiver: Participant | None
    syntax: EInvoiceSyntax
    is_live: bool

    @property
    def field(self) -> str:
        """The pointer to the document in the request's body."""
        return "/credit_note_id" if self.credit_note_id else "/invoice_id"


async def send_e_invoice(work: Work, request: EInvoiceRequest, access_points: AccessPoints) -> EInvoice:
    """Queue the document; a draft is issued first, in the same transaction.

    Raises, before anything is queued, NotFound, InvoiceIsVoid, what issuing raises, NoAccessPoint,
    SyntaxNotSupported, NotAnEInvoice (which names what the document lacks), EInvoiceInvalid (with the rules
    that it breaks), ValidationUnavailable or EInvoiceSent.
    """
    point = await access_points.choose(work.tx, work.workspace_id, is_live=request.is_live)
    if request.syntax not in point.capabilities.syntaxes:
        raise SyntaxNotSupported(field="syntax")
    model, invoice_id = await _load_print_model(work, request)
    between = (ubl if request.syntax == "ubl" else cii).addresses(model)
    document = await _write_valid_document(work, access_points.validation, request, invoice_id, model)
    await _require_new(work, document, receiver=between[1])
    queued = e_invoice_rules.new_e_invoice(work.workspace_id, document, between, point.name, work.clock.now())
    await e_invoices.insert(work.tx, queued, document.content)
    work.record(EInvoiceCreated.of(work.workspace_id, e_invoice_rules.to_snapshot(queued)))
    return queued


async def rewrite_with_credit(work: Work, e_invoice: EInvoice, validation: ValidationProcess) -> EInvoice:
    """The e-invoice, its document written again where it was queued before credit settled some of it.

    Nothing else of it is touched: where it says anything but what the invoice says now, it stays. Raises
    EInvoiceInvalid or ValidationUnavailable.
    """
    invoice = await invoices.get(work.tx, work.workspace_id, e_invoice.invoice_id)
    if not invoice.settled_at_issue_minor or e_invoice.attempt_count:
        return e_invoice
    before = replace(invoice, settled_at_issue_minor=0)
    for receiver in (None, Participant.from_text(e_invoice.receiver)):
        request = EInvoiceRequest(e_invoice.invoice_id, None, receiver, e_invoice.syntax, is_live=True)
        former, document = [
            await _write_valid_document(
                work, validation, request, invoice.id, _to_print_model(version, request, work.clock)
            )
            for version in (before, invoice)
        ]
        if former.sha256 == e_invoice.document_sha256:
            rewritten = replace(
                e_invoice,
                document_sha256=document.sha256,
                rule_set=document.rule_set,
                findings=document.findings,
            )
            await e_invoices.rewrite(work.tx, rewritten, document.content)
            return rewritten
    return e_invoice


async def save_step(work: Work, e_invoice: EInvoice, lease: timedelta) -> None:
    """Store a step that must be known before the next call, and hold the lease; raises LeaseLost."""
    await e_invoices.save_step(work.tx, e_invoice, lease)
    _record_update(work, e_invoice)


async def finish_step(work: Work, before: EInvoice, after: EInvoice, delay: timedelta | None) -> None:
    """Store the outcome of a step and give the lease back; raises LeaseLost.

    It is told when it changed anything but the number of fruitless looks. The first that its access point has
    taken is what the invoice was sent by.
    """
    await e_invoices.finish_step(work.tx, after, delay)
    if after.version == before.version:
        return
    _record_update(work, after)
    if after.status is EInvoiceStatus.SUBMITTED and after.credit_note_id is None:
        await invoice_marks.mark_sent(work, after.invoice_id)


async def wake(tx: Connection, workspace_id: UUID, provider: str, reference: str) -> bool:
    """Something is said to have happened to this submission: look at it now. Whether it is known."""
    return await e_invoices.wake(tx, workspace_id, provider, reference)


async def write_valid_ubl(model: PrintModel, validation: ValidationProcess) -> bytes:
    """The document as UBL, which keeps every rule.

    Raises NotAnEInvoice, EInvoiceInvalid or ValidationUnavailable.
    """
    content = ubl.write(model)
    await _require_valid(validation, content, "ubl", model)
    return content


def _record_update(work: Work, e_invoice: EInvoice) -> None:
    work.record(EInvoiceUpdated.of(e_invoice.workspace_id, e_invoice_rules.to_snapshot(e_invoice)))


async def _load_print_model(work: Work, request: EInvoiceRequest) -> tuple[PrintModel, UUID]:
    """The issued document as it is printed, and the invoice that it is or credits."""
    tx, workspace_id = work.tx, work.workspace_id
    if request.credit_note_id:
        note = await credit_notes.get(tx, workspace_id, request.credit_note_id)
        model = print_model.from_credit_note(credit_note_rules.to_snapshot(note))
        return replace(model, receiver=request.receiver), note.invoice_id
    assert request.invoice_id is not None
    invoice = await invoices.get(tx, workspace_id, request.invoice_id)
    if invoice.status is InvoiceStatus.DRAFT:
        invoice = await issue_invoice(work, request.invoice_id)
    if invoice.status is InvoiceStatus.VOID:
        raise InvoiceIsVoid(field="invoice_id")
    return _to_print_model(invoice, request, work.clock), invoice.id


def _to_print_model(invoice: Invoice, request: EInvoiceRequest, clock: Clock) -> PrintModel:
    model = print_model.from_invoice(invoice, clock.zone, clock.today())
    return replace(model, receiver=request.receiver)


async def _write_valid_document(
    work: Work,
    validation: ValidationProcess,
    request: EInvoiceRequest,
    invoice_id: UUID,
    model: PrintModel,
) -> EInvoiceDocument:
    """The bytes to send: what the data breaks is refused before a PDF is made of it."""
    content = ubl.write(model) if request.syntax == "ubl" else cii.write(model)
    syntax: EInvoiceSyntax = "ubl" if request.syntax == "ubl" else "cii"
    findings = await _require_valid(validation, content, syntax, model, request.field)
    if request.syntax == "factur_x":
        content = await _render_factur_x(work, validation, request.credit_note_id or invoice_id, model)
        findings = await _require_valid(validation, content, request.syntax, model, request.field)
    return EInvoiceDocument(
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        syntax=request.syntax,
        invoice_id=invoice_id,
        credit_note_id=request.credit_note_id,
        number=model.number or "",
        rule_set=validation.rule_set(request.syntax),
        findings=tuple(findings),
    )


async def _require_valid(
    validation: ValidationProcess, content: bytes, syntax: EInvoiceSyntax, model: PrintModel, field: str = ""
) -> list[EInvoiceFinding]:
    findings = await validation.findings(content, syntax)
    if any(finding.severity == "fatal" for finding in findings):
        raise rule_fields.refusal_of(findings, model, field)
    return findings


async def _render_factur_x(
    work: Work, validation: ValidationProcess, document_id: UUID, model: PrintModel
) -> bytes:
    order = await documents.load_print_order(work, document_id, model)
    rendered = await asyncio.to_thread(
        documents.render_document, await documents.attach_data(order, FacturXData(validation))
    )
    if not rendered.is_archival:
        raise NotAnEInvoice(documents.NOT_ARCHIVAL.message, field="syntax")
    if not rendered.is_factur_x:
        raise NotAnEInvoice("It was given out without data: send it as ubl or cii.", field="syntax")
    return rendered.content


async def _require_new(work: Work, document: EInvoiceDocument, receiver: Participant) -> None:
    e_invoice_id = await e_invoices.sent_already(
        work.tx, work.workspace_id, document.invoice_id, str(receiver), document.sha256
    )
    if e_invoice_id:
        raise EInvoiceSent(field="receiver", e_invoice_id=str(e_invoice_id))
