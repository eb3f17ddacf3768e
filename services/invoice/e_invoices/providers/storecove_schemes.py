"""What Storecove calls the schemes of electronic addresses."""

from services.invoice.common.domain.electronic_address import Participant

_NAMES = {
    "0002": "FR:SIRENE",
    "0007": "SE:ORGNR",
    "0009": "FR:SIRET",
    "0060": "DUNS",
    "0088": "GLN",
    "0106": "NL:KVK",
    "0184": "DK:DIGST",
    "0190": "NL:OINO",
    "0192": "NO:ORG",
    "0204": "DE:LWID",
    "0208": "BE:EN",
    "0211": "IT:IVA",
    "0216": "FI:OVT",
    "9933": "GR:VAT",
}


def scheme_of(address: Participant) -> str:
    """Its name of the address's scheme; VAT schemes by the number's country, others by their code."""
    if address.scheme in _NAMES:
        return _NAMES[address.scheme]
    country = address.id[:2].upper()
    if address.scheme.startswith("99") and country.isalpha():
        return f"{'GR' if country == 'EL' else country}:VAT"
    return address.scheme
