"""State changes of e-invoices: queued here, taken further by `e_invoices/workers/send.py`."""

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from services.invoice.common.domain.electronic_address import Participant
from services.invoice.common.operations import changes
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
from services.invoice.e_invoices.domain.facts import EInvoiceFinding, EInvoiceSyntax
from services.invoice.e_invoices.operations.access_points import AccessPoints
from services.invoice.e_invoices.rendering import cii, ubl
from services.invoice.e_invoices.rendering.business_terms import NotAnEInvoice
from services.invoice.e_invoices.validation.process import ValidationProcess
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.domain.invoice import Status as InvoiceStatus
from services.invoice.invoices.operations.invoices import issue_invoice
from services.invoice.invoices.repository import invoices
from services.invoice.sending.domain.sendable import InvoiceIsVoid
from services.invoice.sending.operations.deliveries import mark_invoice_sent
from shared.events.e_invoice import EInvoiceCreated, EInvoiceUpdated
from shared.kernel.clock import Clock
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class EInvoiceRequest:
    """Which document to send as an e-invoice, to whom; without a receiver to the contact's own address."""

    workspace_id: UUID
    invoice_id: UUID | None
    credit_note_id: UUID | None
    receiver: Participant | None
    syntax: EInvoiceSyntax
    is_live: bool


async def send_e_invoice(
    tx: Connection, request: EInvoiceRequest, access_points: AccessPoints, clock: Clock
) -> EInvoice:
    """Queue the document; a draft is issued first, in the same transaction.

    Raises, before anything is queued, NotFound, InvoiceIsVoid, what issuing raises, NoAccessPoint,
    SyntaxNotSupported, NotAnEInvoice (which names what the document lacks), EInvoiceInvalid (with the rules
    that it breaks), ValidationUnavailable or EInvoiceSent.
    """
    point = await access_points.choose(tx, request.workspace_id, is_live=request.is_live)
    if request.syntax not in point.capabilities.syntaxes:
        raise SyntaxNotSupported(field="syntax")
    printed, invoice_id = await _load_print_model(tx, request, clock)
    sender, receiver = (ubl if request.syntax == "ubl" else cii).addresses(printed)
    document = await _write_valid_document(tx, access_points.validation, request, invoice_id, printed)
    await _require_new(tx, request, document, receiver)
    queued = e_invoice_rules.new_e_invoice(
        request.workspace_id, document, sender, receiver, point.name, clock.now()
    )
    await e_invoices.insert(tx, queued, document.content)
    await changes.record(tx, EInvoiceCreated.of(request.workspace_id, e_invoice_rules.snapshot(queued)))
    return queued


async def rewrite_with_credit(
    tx: Connection, now: EInvoice, validation: ValidationProcess, clock: Clock
) -> EInvoice:
    """The e-invoice, its document written again where it was queued before credit settled some of it.

    Nothing else of it is touched: where it says anything but what the invoice says now, it stays. Raises
    EInvoiceInvalid or ValidationUnavailable.
    """
    invoice = await invoices.get(tx, now.workspace_id, now.invoice_id)
    if not invoice.settled_at_issue_minor or now.attempt_count:
        return now
    before = replace(invoice, settled_at_issue_minor=0)
    scheme, _, identifier = now.receiver.partition(":")
    for receiver in (None, Participant(scheme, identifier)):
        request = EInvoiceRequest(now.workspace_id, now.invoice_id, None, receiver, now.syntax, is_live=True)
        former, written = [
            await _write_valid_document(
                tx, validation, request, invoice.id, _to_print_model(one, request, clock)
            )
            for one in (before, invoice)
        ]
        if former.sha256 == now.document_sha256:
            rewritten = replace(
                now,
                document_sha256=written.sha256,
                rule_set=written.rule_set,
                findings=written.findings,
            )
            await e_invoices.rewrite(tx, rewritten, written.content)
            return rewritten
    return now


def _to_print_model(invoice: Invoice, request: EInvoiceRequest, clock: Clock) -> PrintModel:
    return replace(print_model.from_invoice(invoice, clock.zone, clock.today()), receiver=request.receiver)


async def save_step(tx: Connection, now: EInvoice, lease: timedelta) -> None:
    """Store a step that must be known before the next call, and hold the lease; raises LeaseLost."""
    await e_invoices.save_step(tx, now, lease)
    await _record_update(tx, now)


async def finish_step(
    tx: Connection, before: EInvoice, now: EInvoice, delay: timedelta | None, clock: Clock
) -> None:
    """Store the outcome of a step and give the lease back; raises LeaseLost.

    It is told when it changed anything but the number of fruitless looks. The first that its access point has
    taken is what the invoice was sent by.
    """
    await e_invoices.finish_step(tx, now, delay)
    if now.version == before.version:
        return
    await _record_update(tx, now)
    if now.status is EInvoiceStatus.SUBMITTED and now.credit_note_id is None:
        await mark_invoice_sent(tx, now.workspace_id, now.invoice_id, clock)


async def wake(tx: Connection, workspace_id: UUID, provider: str, reference: str) -> bool:
    """Something is said to have happened to this submission: look at it now. Whether it is known."""
    return await e_invoices.wake(tx, workspace_id, provider, reference)


async def _record_update(tx: Connection, now: EInvoice) -> None:
    await changes.record(tx, EInvoiceUpdated.of(now.workspace_id, e_invoice_rules.snapshot(now)))


async def _load_print_model(
    tx: Connection, request: EInvoiceRequest, clock: Clock
) -> tuple[PrintModel, UUID]:
    """The issued document as it is printed, and the invoice that it is or credits."""
    if request.credit_note_id:
        note = await credit_notes.get(tx, request.workspace_id, request.credit_note_id)
        printed = print_model.from_credit_note(credit_note_rules.to_snapshot(note))
        return replace(printed, receiver=request.receiver), note.invoice_id
    assert request.invoice_id is not None
    invoice = await invoices.get(tx, request.workspace_id, request.invoice_id)
    if invoice.status is InvoiceStatus.DRAFT:
        invoice = await issue_invoice(tx, request.workspace_id, request.invoice_id, clock)
    if invoice.status is InvoiceStatus.VOID:
        raise InvoiceIsVoid(field="invoice_id")
    return _to_print_model(invoice, request, clock), invoice.id


async def write_valid_ubl(document: PrintModel, validation: ValidationProcess) -> bytes:
    """The document as UBL, which keeps every rule.

    Raises NotAnEInvoice, EInvoiceInvalid or ValidationUnavailable.
    """
    content = ubl.write(document)
    await _require_valid(validation, content, "ubl", document)
    return content


async def _write_valid_document(
    tx: Connection,
    validation: ValidationProcess,
    request: EInvoiceRequest,
    invoice_id: UUID,
    printed: PrintModel,
) -> EInvoiceDocument:
    """The bytes to send: what the data breaks is refused before a PDF is made of it."""
    content = ubl.write(printed) if request.syntax == "ubl" else cii.write(printed)
    syntax: EInvoiceSyntax = "ubl" if request.syntax == "ubl" else "cii"
    field = "/credit_note_id" if request.credit_note_id else "/invoice_id"
    findings = await _require_valid(validation, content, syntax, printed, field)
    if request.syntax == "factur_x":
        content = await _render_factur_x(tx, validation, request, invoice_id, printed)
        findings = await _require_valid(validation, content, request.syntax, printed, field)
    return EInvoiceDocument(
        content,
        hashlib.sha256(content).hexdigest(),
        request.syntax,
        invoice_id,
        request.credit_note_id,
        printed.number or "",
        validation.rule_set(request.syntax),
        tuple(findings),
    )


async def _require_valid(
    validation: ValidationProcess,
    content: bytes,
    syntax: EInvoiceSyntax,
    printed: PrintModel,
    field: str = "",
) -> list[EInvoiceFinding]:
    findings = await validation.findings(content, syntax)
    if any(found.severity == "fatal" for found in findings):
        raise rule_fields.refusal_of(findings, printed, field)
    return findings


async def _render_factur_x(
    tx: Connection,
    validation: ValidationProcess,
    request: EInvoiceRequest,
    invoice_id: UUID,
    printed: PrintModel,
) -> bytes:
    order = await documents.load_print_order(
        tx, request.workspace_id, request.credit_note_id or invoice_id, printed
    )
    made = await asyncio.to_thread(documents.render_document, await documents.attach_data(order, validation))
    if not made.is_archival:
        raise NotAnEInvoice(documents.NOT_ARCHIVAL.message, field="syntax")
    if not made.is_factur_x:
        raise NotAnEInvoice("It was given out without data: send it as ubl or cii.", field="syntax")
    return made.content


async def _require_new(
    tx: Connection, request: EInvoiceRequest, document: EInvoiceDocument, receiver: Participant
) -> None:
    known = await e_invoices.sent_already(
        tx, request.workspace_id, document.invoice_id, str(receiver), document.sha256
    )
    if known:
        raise EInvoiceSent(field="receiver", e_invoice_id=str(known))
