"""What a reminder says of its fee: that it is charged, and that it comes with an invoice of its own."""

from services.invoice.documents.rendering.formatting import Formatter
from services.invoice.documents.rendering.wording import language_of

_WORDS = {
    "en": "For this reminder we charge a fee of {fee}, which we will invoice separately.",
    "fr": "Pour ce rappel, nous comptons des frais de {fee}, qui feront l’objet d’une facture distincte.",
    "nl": "Voor deze herinnering brengen wij {fee} in rekening; daarvoor ontvangt u een aparte factuur.",
    "nb": "For denne påminnelsen tar vi et gebyr på {fee}, som faktureres separat.",
    "sv": "För denna påminnelse tar vi ut en avgift på {fee}, som faktureras separat.",
    "da": "For denne påmindelse opkræver vi et gebyr på {fee}, som faktureres særskilt.",
    "de": "Für diese Mahnung berechnen wir eine Gebühr von {fee}, die gesondert in Rechnung gestellt wird.",
}


def fee_sentence(amount_minor: int, currency: str, locale: str | None) -> str:
    """The sentence in the reader's language."""
    language = language_of(locale)
    return _WORDS[language].format(fee=Formatter(language).money(amount_minor, currency))
