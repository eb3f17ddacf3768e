"""Who a party is to an e-invoice: its address on the network (EAS), its legal and its VAT identifier."""

from typing import Any

from services.invoice.domain.paper import ContactOnInvoice, Seller

# ISO 6523 ICD of each country's register of companies, as EN 16931 BT-30 and Peppol's EAS list have them.
REGISTERS = {
    "BE": "0208",
    "DK": "0184",
    "FI": "0212",
    "FR": "0002",
    "NL": "0106",
    "NO": "0192",
    "SE": "0007",
}
# Peppol's EAS list: VAT numbers as addresses, by the prefix of the number.
VAT_SCHEMES = {
    "AT": "9914",
    "BE": "9925",
    "BG": "9926",
    "CH": "9927",
    "CY": "9928",
    "CZ": "9929",
    "DE": "9930",
    "EE": "9931",
    "GB": "9932",
    "EL": "9933",
    "HR": "9934",
    "IE": "9935",
    "LI": "9936",
    "LT": "9937",
    "LU": "9938",
    "LV": "9939",
    "MT": "9943",
    "NL": "9944",
    "PL": "9945",
    "PT": "9946",
    "RO": "9947",
    "SI": "9949",
    "SK": "9950",
    "ES": "9920",
    "FI": "0213",
    "FR": "9957",
    "HU": "9910",
    "IT": "0211",
    "SE": "9955",
}


def seller_party(seller: Seller) -> dict[str, Any]:
    """The seller as BG-4."""
    scheme = REGISTERS.get(seller.country or "")
    registered = _registered(seller)
    party = _party(seller, registered if scheme else None)
    if registered:
        party["legal_identifier"] = registered
        if scheme:
            party["legal_identifier_schemeid"] = scheme
    contact = {"name": seller.name, "phone": seller.phone, "email": seller.email}
    if seller.phone or seller.email:
        party["contacts"] = [{name: value for name, value in contact.items() if value}]
    return party


def buyer_party(buyer: ContactOnInvoice) -> dict[str, Any]:
    """The buyer as BG-7."""
    return _party(buyer, None)


def _registered(seller: Seller) -> str | None:
    number = "".join((seller.registration_number or "").split())
    # PEPPOL-COMMON-R042: a Danish number has its country before it.
    return f"DK{number}" if seller.country == "DK" and number.isdigit() else number or None


def _party(party: Seller | ContactOnInvoice, registered: str | None) -> dict[str, Any]:
    address = party.address
    found: dict[str, Any] = {
        "name": party.name,
        "addr_l1": address and address.line1,
        "addr_l2": address and address.line2,
        "city": address and address.city,
        "postcode": address and address.postal_code,
        "country_subdivision": address and address.region,
        "country_code": party.country,
        "vat_identifier": party.vat_id,
    }
    endpoint = _endpoint(party, registered)
    if endpoint:
        found["einvoicing_addr"], found["einvoicing_addr_schemeid"] = endpoint
    return {name: value for name, value in found.items() if value}


def _endpoint(party: Seller | ContactOnInvoice, registered: str | None) -> tuple[str, str] | None:
    if registered:
        return registered, REGISTERS[party.country or ""]
    vat = party.vat_id or ""
    if vat.startswith("NO"):
        return vat[2:11], "0192"
    if vat.startswith("DK"):
        return vat, "0184"
    if vat.startswith("BE"):
        return vat[2:], "0208"
    if vat[:2] in VAT_SCHEMES:
        return vat, VAT_SCHEMES[vat[:2]]
    return (party.email, "EM") if party.email else None
