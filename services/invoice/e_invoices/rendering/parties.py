"""Who a party is to an e-invoice: its address on the network (EAS), its legal and its VAT identifier."""

from services.invoice.common.domain import electronic_address_schemes as schemes
from services.invoice.common.domain.electronic_address import EMAIL, Participant, parse
from services.invoice.common.domain.electronic_address import new_participant as address_of
from services.invoice.documents.domain.print_model import tax_registration
from shared.events.invoice import ContactOnInvoice, Seller
from shared.kernel.json import JsonObject

# ISO 6523 ICD of each country's register of companies, as EN 16931 BT-30 has them.
REGISTERS = {
    "BE": "0208",
    "DK": "0184",
    "FI": "0212",
    "FR": "0002",
    "NL": "0106",
    "NO": "0192",
    "SE": "0007",
}


def seller_party(seller: Seller) -> JsonObject:
    """The seller as BG-4, without its electronic address."""
    scheme = REGISTERS.get(seller.country or "")
    registered = _registered(seller)
    party = _party(seller)
    if registered:
        party["legal_identifier"] = registered
        if scheme:
            party["legal_identifier_schemeid"] = scheme
    registration = tax_registration(seller)
    if registration:
        party["tax_identifier"] = registration
    contact = {"name": seller.name, "phone": seller.phone, "email": seller.email}
    if seller.phone or seller.email:
        party["contacts"] = [{name: value for name, value in contact.items() if value}]
    return party


def is_identified(seller: Seller, *, has_vat: bool) -> bool:
    """Whether a buyer's system can tell who the seller is (BR-CO-26)."""
    return bool(_registered(seller) or seller.tax_number or (has_vat and seller.vat_id))


def buyer_party(buyer: ContactOnInvoice) -> JsonObject:
    """The buyer as BG-7, without its electronic address."""
    return _party(buyer)


def sender(seller: Seller) -> Participant | None:
    """The seller's electronic address: its number in the register of companies, else VAT number or e-mail.

    Raises NoSuchAddress for a number that cannot be one.
    """
    registered = _registered(seller)
    found = schemes.of_register(seller.country, registered) if registered else None
    if found and seller.registration_number:
        return address_of(*found, "seller.registration_number")
    return _by_vat_or_email(seller, "seller")


def receiver(buyer: ContactOnInvoice) -> Participant | None:
    """The buyer's electronic address, else what its VAT number or e-mail tells; raises NoSuchAddress."""
    if buyer.e_invoice_address:
        return parse(buyer.e_invoice_address, "contact.e_invoice_address")
    return _by_vat_or_email(buyer, "contact")


def _registered(seller: Seller) -> str | None:
    number = schemes.registered(seller.country, seller.registration_number or "")
    if not number:
        # DK-R-002 asks for it; where a VAT number holds it, nobody need say it twice.
        number = schemes.register_number(_vat_number(seller) or "", seller.country) or ""
    # PEPPOL-COMMON-R042: a Danish number has its country before it.
    return f"DK{number}" if seller.country == "DK" and number.isdigit() else number or None


def _party(party: Seller | ContactOnInvoice) -> JsonObject:
    address = party.address
    found: JsonObject = {
        "name": party.name,
        "addr_l1": address and address.line1,
        "addr_l2": address and address.line2,
        "city": address and address.city,
        "postcode": address and address.postal_code,
        "country_subdivision": address and address.region,
        "country_code": party.country,
        "vat_identifier": _vat_number(party),
    }
    return {name: value for name, value in found.items() if value}


def _by_vat_or_email(party: Seller | ContactOnInvoice, side: str) -> Participant | None:
    found = schemes.of_vat_number(_vat_number(party) or "")
    if found:
        return address_of(*found, f"{side}.vat_id")
    return Participant(EMAIL, party.email) if party.email else None


def _vat_number(party: Seller | ContactOnInvoice) -> str | None:
    return schemes.with_country(party.vat_id, party.country) if party.vat_id else None
