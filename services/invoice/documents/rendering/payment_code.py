"""How to pay by bank: the creditor reference (ISO 11649) and the EPC QR code (EPC069-12)."""

import io

import segno
from stdnum import iso11649

from services.invoice.documents.domain.print_model import PrintModel
from shared.kernel import money

_MAX_EPC_MINOR = 99_999_999_999
_REFERENCE_LENGTH = 21


def creditor_reference(number: str) -> str | None:
    """`RF` + check digits + the invoice's number without what is not a letter or digit.

    None where the number has none, or more than the 21 that ISO 11649 allows.
    """
    bare = "".join(c for c in number.upper() if c.isascii() and c.isalnum())
    if not bare or len(bare) > _REFERENCE_LENGTH:
        return None
    digits = int("".join(str(int(c, 36)) for c in f"{bare}RF00"))
    reference = f"RF{98 - digits % 97:02d}{bare}"
    return str(iso11649.validate(reference))


def epc_text(model: PrintModel) -> str | None:
    """What the code says (version 002); None unless euros are due to an IBAN of a named seller."""
    seller, due = model.seller, model.due_minor
    if model.currency != "EUR" or not seller.iban or not seller.name or not 0 < due <= _MAX_EPC_MINOR:
        return None
    reference = creditor_reference(model.number or "")
    lines = [
        "BCD",
        "002",
        "1",
        "SCT",
        seller.bic or "",
        seller.name[:70],
        seller.iban,
        f"EUR{money.to_major(due, 'EUR'):f}",
        "",
        reference or "",
        "" if reference else (model.number or "")[:140],
    ]
    return "\n".join(lines).rstrip("\n")


def qr_svg(text: str) -> str:
    """The text as a QR code, SVG, error correction M as EPC069-12 asks."""
    out = io.BytesIO()
    segno.make(text, error="m", boost_error=False, micro=False).save(
        out, kind="svg", border=0, xmldecl=False, dark="#0f172a"
    )
    return out.getvalue().decode()
