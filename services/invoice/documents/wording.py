"""The words of a document in each language; a test holds that no language lacks one."""

from collections.abc import Mapping

_KEYS = """invoice credit_note quote draft paid void number issue_date due_date valid_until reference period
    billed_to seller_vat buyer_vat registration description quantity unit_price vat amount amount_incl
    discount subtotal vat_of total amount_paid amount_credited amount_due payment pay_to payment_reference
    scan notes credits page_of taxable exemption terms""".split()

_TEXTS = {
    "en": """Invoice|Credit note|Quote|Draft|Paid|Void|Number|Date|Due|Valid until|Your reference|Period|
        Billed to|VAT no.|VAT no.|Reg. no.|Description|Qty|Price|VAT|Amount|Amount incl. VAT|
        Discount|Subtotal|VAT {rate}|Total|Paid|Credited|Amount due|Payment|Account|
        Payment reference|Scan to pay with your banking app|Notes|
        Credits invoice {number} of {date}|Page {page} of {pages}|Taxable|{category}: {reason}|
        Please pay {amount} by {date}.""",
    "fr": """Facture|Avoir|Devis|Brouillon|Payée|Annulée|Numéro|Date|Échéance|Valable jusqu’au|
        Votre référence|Période|Facturé à|N° TVA|N° TVA|N° d’entreprise|Description|Qté|Prix|TVA|
        Montant|Montant TTC|Remise|Sous-total|TVA {rate}|Total|Payé|Crédité|Montant dû|Paiement|
        Compte|Référence de paiement|Scannez pour payer avec votre application bancaire|Remarques|
        Avoir sur la facture {number} du {date}|Page {page} sur {pages}|Base|{category} : {reason}|
        Merci de payer {amount} au plus tard le {date}.""",
    "nl": """Factuur|Creditnota|Offerte|Concept|Betaald|Geannuleerd|Nummer|Datum|Vervaldatum|Geldig tot|
        Uw referentie|Periode|Gefactureerd aan|Btw-nr.|Btw-nr.|KvK-nr.|Omschrijving|Aantal|Prijs|
        Btw|Bedrag|Bedrag incl. btw|Korting|Subtotaal|Btw {rate}|Totaal|Betaald|Gecrediteerd|
        Te betalen|Betaling|Rekening|Betalingskenmerk|Scan om te betalen met uw bankapp|Opmerkingen|
        Credit op factuur {number} van {date}|Pagina {page} van {pages}|Grondslag|
        {category}: {reason}|Wij verzoeken u {amount} uiterlijk {date} te betalen.""",
    "nb": """Faktura|Kreditnota|Tilbud|Utkast|Betalt|Annullert|Nummer|Dato|Forfall|Gyldig til|
        Deres referanse|Periode|Fakturert til|MVA-nr.|MVA-nr.|Org.nr.|Beskrivelse|Antall|Pris|MVA|
        Beløp|Beløp inkl. MVA|Rabatt|Delsum|MVA {rate}|Sum|Betalt|Kreditert|Å betale|Betaling|Konto|
        Betalingsreferanse|Skann for å betale med bankappen|Merknader|
        Kreditering av faktura {number} av {date}|Side {page} av {pages}|Grunnlag|
        {category}: {reason}|Vennligst betal {amount} innen {date}.""",
    "sv": """Faktura|Kreditfaktura|Offert|Utkast|Betald|Makulerad|Nummer|Datum|Förfallodatum|Giltig till|
        Er referens|Period|Fakturerad till|Momsreg.nr|Momsreg.nr|Org.nr|Beskrivning|Antal|Pris|Moms|
        Belopp|Belopp inkl. moms|Rabatt|Delsumma|Moms {rate}|Summa|Betalt|Krediterat|Att betala|
        Betalning|Konto|Betalningsreferens|Skanna för att betala med din bankapp|Anmärkningar|
        Kredit på faktura {number} av {date}|Sida {page} av {pages}|Underlag|{category}: {reason}|
        Vänligen betala {amount} senast {date}.""",
    "da": """Faktura|Kreditnota|Tilbud|Kladde|Betalt|Annulleret|Nummer|Dato|Forfald|Gyldigt til|
        Deres reference|Periode|Faktureret til|Momsnr.|Momsnr.|CVR-nr.|Beskrivelse|Antal|Pris|Moms|
        Beløb|Beløb inkl. moms|Rabat|Subtotal|Moms {rate}|I alt|Betalt|Krediteret|At betale|
        Betaling|Konto|Betalingsreference|Scan for at betale med din bankapp|Bemærkninger|
        Kreditering af faktura {number} af {date}|Side {page} af {pages}|Grundlag|
        {category}: {reason}|Betal venligst {amount} senest {date}.""",
}


def _table(text: str) -> Mapping[str, str]:
    return dict(zip(_KEYS, (word.strip() for word in text.split("|")), strict=True))


WORDS: Mapping[str, Mapping[str, str]] = {language: _table(text) for language, text in _TEXTS.items()}
"""The words by language, then by key."""

USUAL = "en"


def language_of(locale: str | None) -> str:
    """The language of ours that a contact's locale asks for: `no` is `nb`, an unknown one English."""
    language = (locale or USUAL).replace("_", "-").partition("-")[0].lower()
    language = {"no": "nb", "nn": "nb"}.get(language, language)
    return language if language in WORDS else USUAL
