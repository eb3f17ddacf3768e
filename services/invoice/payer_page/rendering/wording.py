"""The words of the public page in each language, besides those of documents."""

from collections.abc import Mapping

from services.invoice.documents.rendering.wording import FALLBACK_LANGUAGE, WORDS, language_of

_KEYS = """due partly_paid overdue written_off pay_now or_by_transfer download no_pay_online thanks paid_on
    processing failed canceled unavailable not_due not_found not_found_more from_seller summary credit_notes
    questions partly_credited collected""".split()

_TEXTS = {
    "en": """Due {date}|Partly paid|Overdue|Written off|Pay {amount}|Or pay by bank transfer|Download PDF|
        Pay by bank transfer|Thank you, your payment has arrived.|Paid on {date}|
        Your payment is being processed. This page shows it as soon as it arrives.|
        The payment did not go through. You can try again.|
        You left the payment before it was complete. You can try again.|
        Online payment is not available right now. Please try again in a moment.|
        Nothing is due on this invoice.|This page does not exist|
        The link may be incomplete, or it was replaced by another one. Ask whoever sent it to you.|
        from {seller}|Summary|Credit notes|Questions about this invoice?|
        Partly credited|Will be collected automatically""",
    "fr": """À payer au plus tard le {date}|Partiellement payée|En retard|Passée en perte|Payer {amount}|
        Ou payer par virement|Télécharger le PDF|Payer par virement|Merci, votre paiement est arrivé.|
        Payée le {date}|Votre paiement est en cours de traitement. Cette page l’affichera dès son arrivée.|
        Le paiement n’a pas abouti. Vous pouvez réessayer.|
        Vous avez quitté le paiement avant la fin. Vous pouvez réessayer.|
        Le paiement en ligne n’est pas disponible pour le moment. Réessayez dans un instant.|
        Il n’y a rien à payer sur cette facture.|Cette page n’existe pas|
        Le lien est peut-être incomplet ou a été remplacé. Demandez à la personne qui vous l’a envoyé.|
        de {seller}|Récapitulatif|Avoirs|Une question sur cette facture ?|
        Partiellement créditée|Sera prélevée automatiquement""",
    "nl": """Te betalen uiterlijk {date}|Deels betaald|Te laat|Afgeschreven|Betaal {amount}|
        Of betaal per overschrijving|PDF downloaden|Betaal per overschrijving|
        Dank u, uw betaling is ontvangen.|Betaald op {date}|
        Uw betaling wordt verwerkt. Deze pagina toont haar zodra zij binnen is.|
        De betaling is niet gelukt. U kunt het opnieuw proberen.|
        U hebt de betaling afgebroken. U kunt het opnieuw proberen.|
        Online betalen lukt op dit moment niet. Probeer het zo dadelijk opnieuw.|
        Op deze factuur staat niets meer open.|Deze pagina bestaat niet|
        De link is misschien onvolledig of is vervangen. Vraag het aan wie hem u heeft gestuurd.|
        van {seller}|Overzicht|Creditnota’s|Vragen over deze factuur?|
        Deels gecrediteerd|Wordt automatisch geïncasseerd""",
    "nb": """Forfaller {date}|Delvis betalt|Forfalt|Tapsført|Betal {amount}|Eller betal med bankoverføring|
        Last ned PDF|Betal med bankoverføring|Takk, betalingen din er mottatt.|Betalt {date}|
        Betalingen din behandles. Denne siden viser den så snart den er mottatt.|
        Betalingen gikk ikke gjennom. Du kan prøve igjen.|
        Du avbrøt betalingen. Du kan prøve igjen.|
        Betaling på nett er ikke tilgjengelig akkurat nå. Prøv igjen om et øyeblikk.|
        Ingenting står igjen å betale på denne fakturaen.|Denne siden finnes ikke|
        Lenken kan være ufullstendig eller erstattet. Spør den som sendte den til deg.|
        fra {seller}|Sammendrag|Kreditnotaer|Spørsmål om denne fakturaen?|
        Delvis kreditert|Trekkes automatisk""",
    "sv": """Förfaller {date}|Delvis betald|Förfallen|Avskriven|Betala {amount}|
        Eller betala med banköverföring|Ladda ner PDF|Betala med banköverföring|
        Tack, din betalning har kommit in.|Betald {date}|
        Din betalning behandlas. Sidan visar den så snart den har kommit in.|
        Betalningen gick inte igenom. Du kan försöka igen.|
        Du avbröt betalningen. Du kan försöka igen.|
        Det går inte att betala på nätet just nu. Försök igen om en stund.|
        Inget återstår att betala på fakturan.|Sidan finns inte|
        Länken kan vara ofullständig eller ersatt. Fråga den som skickade den till dig.|
        från {seller}|Sammanfattning|Kreditfakturor|Frågor om fakturan?|
        Delvis krediterad|Dras automatiskt""",
    "da": """Forfalder {date}|Delvist betalt|Forfalden|Afskrevet|Betal {amount}|
        Eller betal med bankoverførsel|Hent PDF|Betal med bankoverførsel|
        Tak, din betaling er modtaget.|Betalt {date}|
        Din betaling behandles. Siden viser den, så snart den er modtaget.|
        Betalingen gik ikke igennem. Du kan prøve igen.|
        Du afbrød betalingen. Du kan prøve igen.|
        Det er ikke muligt at betale online lige nu. Prøv igen om et øjeblik.|
        Der er intet at betale på denne faktura.|Siden findes ikke|
        Linket kan være ufuldstændigt eller erstattet. Spørg den, der sendte det til dig.|
        fra {seller}|Oversigt|Kreditnotaer|Spørgsmål om fakturaen?|
        Delvist krediteret|Trækkes automatisk""",
    "de": """Fällig am {date}|Teilweise bezahlt|Überfällig|Ausgebucht|{amount} bezahlen|
        Oder per Überweisung bezahlen|PDF herunterladen|Per Überweisung bezahlen|
        Vielen Dank, Ihre Zahlung ist eingegangen.|Bezahlt am {date}|
        Ihre Zahlung wird verarbeitet. Diese Seite zeigt sie, sobald sie eingegangen ist.|
        Die Zahlung ist nicht gelungen. Sie können es erneut versuchen.|
        Sie haben die Zahlung abgebrochen. Sie können es erneut versuchen.|
        Die Online-Zahlung ist gerade nicht möglich. Bitte versuchen Sie es gleich noch einmal.|
        Auf dieser Rechnung ist nichts offen.|Diese Seite gibt es nicht|
        Der Link ist vielleicht unvollständig oder wurde ersetzt. Fragen Sie, wer ihn Ihnen geschickt hat.|
        von {seller}|Übersicht|Rechnungskorrekturen|Fragen zu dieser Rechnung?|
        Teilweise gutgeschrieben|Wird automatisch eingezogen""",
}


def _table(text: str) -> Mapping[str, str]:
    return dict(zip(_KEYS, (" ".join(words.split()) for words in text.split("|")), strict=True))


PAGE_WORDS: Mapping[str, Mapping[str, str]] = {name: _table(text) for name, text in _TEXTS.items()}
"""The words by language, then by key."""


def language_asked_for(accept_language: str) -> str:
    """The first language of ours among those that a browser asks for; English where there is none."""
    for part in accept_language.split(",")[:20]:
        tag = part.partition(";")[0].strip()
        if tag and (language_of(tag) != FALLBACK_LANGUAGE or tag.lower().startswith(FALLBACK_LANGUAGE)):
            return language_of(tag)
    return FALLBACK_LANGUAGE


assert PAGE_WORDS.keys() == WORDS.keys()
