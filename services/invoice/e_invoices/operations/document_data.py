"""The data that invoices and credit notes carry within their PDF: CII, which keeps the rules of EN 16931."""

from dataclasses import dataclass

from services.invoice.documents.domain.document_data import NOT_AN_E_INVOICE, DocumentData
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.e_invoices.rendering import cii
from services.invoice.e_invoices.rendering.business_terms import NotAnEInvoice
from services.invoice.e_invoices.validation.process import ValidationProcess
from shared.events.e_invoice import EInvoiceFinding


@dataclass(frozen=True, slots=True)
class FacturXData:
    """Writes documents as CII; one process validates for all."""

    validation: ValidationProcess

    async def write(self, model: PrintModel, *, was_validated: bool) -> DocumentData:
        """The document as CII; without it the findings say why. Raises ValidationUnavailable."""
        try:
            content = cii.write(model)
        except NotAnEInvoice as error:
            return DocumentData(None, findings=_findings_of_missing(error))
        if was_validated:
            return DocumentData(content)
        findings = await self.validation.findings(content, "cii")
        is_valid = all(finding.severity != "fatal" for finding in findings)
        rule_set = self.validation.rule_set("cii")
        return DocumentData(content if is_valid else None, rule_set, tuple(findings))


def _findings_of_missing(error: NotAnEInvoice) -> tuple[EInvoiceFinding, ...]:
    """What keeps a document from being an e-invoice at all, as findings: the fields stand for places."""
    return tuple(
        EInvoiceFinding(
            rule=NOT_AN_E_INVOICE, severity="fatal", message=fault.message, location=fault.pointer
        )
        for fault in error.errors
    )
