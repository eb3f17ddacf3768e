"""The port to whoever writes and validates the data that an issued document carries beside its print."""

from dataclasses import dataclass
from typing import Protocol

from services.invoice.documents.domain.print_model import PrintModel
from shared.events.e_invoice import EInvoiceFinding

NOT_AN_E_INVOICE = "not_an_e_invoice"
"""The rule of findings whose location is a field that the document lacks."""


@dataclass(frozen=True, slots=True)
class DocumentData:
    """XML that keeps every rule, or None and the findings that say why; `rule_set`: what judged it."""

    content: bytes | None
    rule_set: str | None = None
    findings: tuple[EInvoiceFinding, ...] = ()


class DataWriter(Protocol):
    """Writes a document as data (Factur-X, EN 16931)."""

    async def write(self, model: PrintModel, *, was_validated: bool) -> DocumentData:
        """The document's data; not judged again where it was validated before.

        Raises ValidationUnavailable: what nobody has validated is not given out, with data or without.
        """
