"""Which field a rule of e-invoices is about, so that a refusal can name what is missing or wrong.

The rules are those of EN 16931 (BR-…), of Factur-X (BR-FX-…), of Peppol and of its countries (DE-R-002 …).
"""

from collections.abc import Iterable, Iterator, Sequence

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.e_invoices.domain.e_invoice import EInvoiceInvalid
from shared.events.e_invoice import EInvoiceFinding
from shared.kernel.errors import FieldError

_VAT_IDS = "seller.vat_id contact.vat_id"
_SUPPLY = "supply_date supply_start"
_FIELDS: dict[str, str] = {
    "BR-CO-09": _VAT_IDS,
    "BR-CO-26": "seller.vat_id seller.registration_number seller.tax_number",
    "BR-FX-EN-04": _SUPPLY,
    "BR-IC-11": _SUPPLY,
    "BR-IC-12": "contact.country",
    "DE-R-002": "seller.phone seller.email",
    "DE-R-003": "seller.address.city",
    "DE-R-004": "seller.address.postal_code",
    "DE-R-006": "seller.phone",
    "DE-R-007": "seller.email",
    "DE-R-008": "contact.address.city",
    "DE-R-009": "contact.address.postal_code",
    "DE-R-010": "contact.address.city",
    "DE-R-011": "contact.address.postal_code",
    "DE-R-015": "reference",
    "DE-R-016": "seller.vat_id seller.tax_number",
    "DE-R-023-1": "seller.iban",
    "DE-R-027": "seller.phone",
    "DE-R-028": "seller.email",
    "DK-R-002": "seller.registration_number",
    "DK-R-006": "seller.iban",
    "DK-R-014": "seller.registration_number",
    "GR-R-002": "seller.name",
    "GR-R-003": "seller.vat_id",
    # The number that myDATA gives has no field here: Greek sellers cannot use Peppol with us.
    "GR-R-004-1": "seller.country",
    "GR-R-005": "contact.name",
    "GR-R-006": "contact.vat_id",
    "GR-R-009": "seller.vat_id",
    "GR-R-010": "contact.vat_id",
    "IS-R-002": "seller.registration_number",
    "IS-R-003": "seller.address.line1 seller.address.postal_code",
    "IS-R-004": "contact.vat_id",
    "IS-R-005": "contact.address.line1 contact.address.postal_code",
    "IT-R-001": "seller.tax_number",
    "IT-R-002": "seller.address.line1",
    "IT-R-003": "seller.address.city",
    "IT-R-004": "seller.address.postal_code",
    "NL-R-002": "seller.address.line1 seller.address.city seller.address.postal_code",
    "NL-R-003": "seller.registration_number",
    "NL-R-004": "contact.address.line1 contact.address.city contact.address.postal_code",
    "NO-R-001": "seller.vat_id",
    "SE-R-001": "seller.vat_id",
    "SE-R-002": "seller.vat_id",
    "SE-R-003": "seller.registration_number",
    "SE-R-004": "seller.registration_number",
    "SE-R-005": "seller.tax_number",
    "SE-R-006": "lines",
    "SE-R-013": "seller.registration_number",
    **{f"BR-{group}-{number}": _VAT_IDS for group in ("AE", "IC") for number in ("02", "03", "04")},
    **{
        f"BR-{group}-{number}": "seller.vat_id seller.tax_number"
        for group in ("E", "G", "S", "Z")
        for number in ("02", "03", "04")
    },
    **{f"BR-{group}-10": "lines" for group in ("AE", "E", "G", "IC", "O", "S", "Z")},
    **{f"BR-O-{number}": "lines" for number in ("11", "12", "13", "14")},
    **{f"GR-R-001-{number}": "number" for number in range(1, 8)},
    "PEPPOL-EN16931-R120": "lines",
}


def refusal_of(
    findings: Iterable[EInvoiceFinding], model: PrintModel, otherwise: str = ""
) -> EInvoiceInvalid:
    """The refusal for these findings: each fatal one at the field it is about, else at `otherwise`."""
    fatal = [finding for finding in findings if finding.severity == "fatal"]
    faults = [
        FieldError(pointer, f"{finding.rule}: {finding.message}")
        for finding in fatal
        for pointer in pointers(finding.rule, model) or [otherwise]
    ]
    return EInvoiceInvalid(
        errors=tuple(dict.fromkeys(faults)), rules=sorted({finding.rule for finding in fatal})
    )


def pointers(rule: str, model: PrintModel) -> Sequence[str]:
    """The JSON pointers of what the rule misses in the document, or of all that it is about."""
    fields = _FIELDS.get(rule, "").split()
    missing = [field for field in fields if not _value(model, field.split("."))]
    return ["/" + field.replace(".", "/") for field in missing or fields]


def _value(model: PrintModel, path: list[str]) -> object:
    value: object = model
    for name in _names(path):
        value = getattr(value, name, None)
    return value


def _names(path: list[str]) -> Iterator[str]:
    yield {"contact": "buyer", "supply_start": "period_first"}.get(path[0], path[0])
    yield from path[1:]
