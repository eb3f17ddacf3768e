"""What a French invoice within France says besides (BR-FR of the reform's flux 2, AFNOR XP Z12-012)."""

from services.invoice.common.domain.electronic_address import Participant, new_participant
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.e_invoices.rendering import business_terms
from shared.kernel.json import JsonObject

SIREN_DIRECTORY = "0225"
# BT-23: an invoice for services that is not paid yet; credit notes have the same.
SERVICES = "S1"
# Code de commerce, L441-10: what holds where nothing else was agreed.
MENTIONS = {
    "PMT": "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €.",
    "PMD": "Pénalités de retard : taux de la Banque centrale européenne majoré de 10 points.",
    "AAB": "Pas d'escompte pour paiement anticipé.",
}


def addresses(model: PrintModel) -> tuple[Participant, Participant]:
    """Sender and receiver: between French parties their SIREN in the directory; raises NotAnEInvoice."""
    sender, receiver = business_terms.addresses(model)
    if not _is_domestic(model):
        return sender, receiver
    seller = _siren(model.seller.registration_number, model.seller.vat_id)
    is_named = model.receiver or model.buyer.e_invoice_address
    buyer = None if is_named else _siren(None, model.buyer.vat_id)
    return _in_directory(seller) or sender, _in_directory(buyer) or receiver


def add_french_terms(terms: JsonObject, model: PrintModel) -> JsonObject:
    """The terms with the process and the mentions that are compulsory between French parties."""
    if not _is_domestic(model):
        return terms
    mentions = [{"BT-21": code, "BT-22": text} for code, text in MENTIONS.items()]
    buyer = _siren(None, model.buyer.vat_id)
    legal = {"legal_identifier": buyer, "legal_identifier_schemeid": "0002"} if buyer else {}
    return {
        **terms,
        "BT-23": SERVICES,
        "BG-1": [*terms.get("BG-1", []), *mentions],
        "BG-7": {**terms["BG-7"], **legal},
    }


def _is_domestic(model: PrintModel) -> bool:
    return model.seller.country == "FR" and model.buyer.country == "FR"


def _siren(registered: str | None, vat_id: str | None) -> str | None:
    """The SIREN: what a SIRET begins with, what a French VAT number ends with."""
    found = "".join((registered or "").split())[:9] or (vat_id or "")[4:]
    return found if found.isdigit() and len(found) == 9 else None


def _in_directory(siren: str | None) -> Participant | None:
    return new_participant(SIREN_DIRECTORY, siren, "contact.vat_id") if siren else None
