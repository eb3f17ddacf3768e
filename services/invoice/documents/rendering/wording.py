"""The words of a document in each language; a test holds that no language lacks one."""

from collections.abc import Mapping, Sequence

_KEYS = """invoice credit_note quote draft paid void number issue_date due_date valid_until reference period
    billed_to seller_vat buyer_vat registration description quantity unit_price vat amount amount_incl
    discount subtotal vat_of total amount_paid amount_credited amount_due payment pay_to payment_reference
    scan notes credits page_of taxable exemption terms""".split()
_MORE_KEYS = """credited paid_and_credited edition pay_online sum_of_lines vat_included subtotal_excl incl_vat
    credit_applied nothing_due void_note will_collect price_incl""".split()

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
    # § 14 (4) no. 10 UStG keeps "Gutschrift" for invoices that the customer writes.
    "de": """Rechnung|Rechnungskorrektur|Angebot|Entwurf|Bezahlt|Storniert|Nummer|Datum|Fällig am|Gültig bis|
        Ihre Referenz|Zeitraum|Rechnung an|USt-IdNr.|USt-IdNr.|Reg.-Nr.|Beschreibung|Menge|Preis|USt|
        Betrag|Betrag inkl. USt|Rabatt|Zwischensumme|USt {rate}|Gesamtbetrag|Bezahlt|Gutgeschrieben|
        Zu zahlen|Zahlung|Konto|Verwendungszweck|Zum Bezahlen mit der Banking-App scannen|Anmerkungen|
        Korrektur der Rechnung {number} vom {date}|Seite {page} von {pages}|Netto|{category}: {reason}|
        Bitte zahlen Sie {amount} bis zum {date}.""",
}
# What the second template says besides.
_MORE_TEXTS = {
    "en": """Credited|Paid and credited|Edition {number} of {date}; it replaces those before it|Pay online|
        Sum of lines|VAT included in prices|Subtotal excl. VAT|incl. VAT|Settled from your credit|
        Nothing remains to be paid.|This invoice is void. Nothing is to be paid.|
        {amount} will be collected automatically; you need not do anything.|Price incl. VAT""",
    "fr": """Créditée|Payée et créditée|Édition {number} du {date} ; elle remplace les précédentes|
        Payer en ligne|Total des lignes|TVA comprise dans les prix|Sous-total HT|TTC|
        Réglé par votre avoir|Il ne reste rien à payer.|Cette facture est annulée. Rien n’est à payer.|
        {amount} seront prélevés automatiquement ; vous n’avez rien à faire.|Prix TTC""",
    "nl": """Gecrediteerd|Betaald en gecrediteerd|Uitgave {number} van {date}; vervangt de eerdere|
        Online betalen|Som van de regels|Btw in de prijzen|Subtotaal excl. btw|incl. btw|
        Verrekend met uw tegoed|U hoeft niets meer te betalen.|
        Deze factuur is geannuleerd. U hoeft niets te betalen.|
        {amount} wordt automatisch geïncasseerd; u hoeft niets te doen.|Prijs incl. btw""",
    "nb": """Kreditert|Betalt og kreditert|Utgave {number} av {date}; erstatter de tidligere|Betal på nett|
        Sum linjer|MVA i prisene|Delsum ekskl. MVA|inkl. MVA|Dekket av tilgodebeløpet ditt|
        Det gjenstår ingenting å betale.|Denne fakturaen er annullert. Ingenting skal betales.|
        {amount} trekkes automatisk; du trenger ikke å gjøre noe.|Pris inkl. MVA""",
    "sv": """Krediterad|Betald och krediterad|Utgåva {number} av den {date}; ersätter de tidigare|
        Betala på nätet|Summa rader|Moms i priserna|Delsumma exkl. moms|inkl. moms|
        Reglerat med ditt tillgodohavande|Inget återstår att betala.|
        Fakturan är makulerad. Inget ska betalas.|
        {amount} dras automatiskt; du behöver inte göra något.|Pris inkl. moms""",
    "da": """Krediteret|Betalt og krediteret|Udgave {number} af {date}; erstatter de tidligere|
        Betal online|Sum af linjer|Moms i priserne|Subtotal ekskl. moms|inkl. moms|
        Dækket af dit tilgodehavende|Der mangler ikke at blive betalt noget.|
        Fakturaen er annulleret. Intet skal betales.|
        {amount} trækkes automatisk; du behøver ikke gøre noget.|Pris inkl. moms""",
    "de": """Gutgeschrieben|Bezahlt und gutgeschrieben|Ausgabe {number} vom {date}; sie ersetzt die früheren|
        Online bezahlen|Summe der Positionen|In den Preisen enthaltene USt|Zwischensumme ohne USt|inkl. USt|
        Mit Ihrem Guthaben verrechnet|Es ist nichts mehr zu zahlen.|
        Diese Rechnung ist storniert. Es ist nichts zu zahlen.|
        {amount} werden automatisch eingezogen; Sie müssen nichts tun.|Preis inkl. USt""",
}

# Supply, the seller's tax number and tax in the currency of the seller's accounts.
_TAX_KEYS = "supply_date seller_tax vat_in exchange_rate".split()
_TAX_TEXTS = {
    "en": "Date of supply|Tax no.|VAT in {currency}|Exchange rate",
    "fr": "Date de livraison ou prestation|N° fiscal|TVA en {currency}|Taux de change",
    "nl": "Leverdatum|Fiscaal nr.|Btw in {currency}|Wisselkoers",
    "nb": "Leveringsdato|Skattenr.|MVA i {currency}|Valutakurs",
    "sv": "Leveransdatum|Skattenr|Moms i {currency}|Växelkurs",
    "da": "Leveringsdato|Skattenr.|Moms i {currency}|Valutakurs",
    "de": "Leistungsdatum|Steuernr.|USt in {currency}|Wechselkurs",
}


def _table(keys: Sequence[str], text: str) -> Mapping[str, str]:
    return dict(zip(keys, (word.strip() for word in text.split("|")), strict=True))


WORDS: Mapping[str, Mapping[str, str]] = {
    language: {
        **_table(_KEYS, text),
        **_table(_MORE_KEYS, _MORE_TEXTS[language]),
        **_table(_TAX_KEYS, _TAX_TEXTS[language]),
    }
    for language, text in _TEXTS.items()
}
"""The words by language, then by key."""

FALLBACK_LANGUAGE = "en"


def language_of(locale: str | None) -> str:
    """The language of ours that a contact's locale asks for: `no` is `nb`, an unknown one English."""
    language = (locale or FALLBACK_LANGUAGE).replace("_", "-").partition("-")[0].lower()
    language = {"no": "nb", "nn": "nb"}.get(language, language)
    return language if language in WORDS else FALLBACK_LANGUAGE
