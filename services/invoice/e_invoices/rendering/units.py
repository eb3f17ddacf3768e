"""Units of quantity as UN/ECE Recommendation 20 codes them; what is not known is counted in ones."""

ONE = "C62"
_WORDS = {
    "HUR": "h hr hrs hour hours uur uren heure heures time timer timme timmar stunde stunden std",
    "DAY": "d day days dag dagen jour jours dager dagar dage tag tage tagen",
    "WEE": "week weeks weken semaine semaines uke uker vecka veckor uge uger woche wochen",
    "MON": "month months maand maanden mois måned måneder månad månader monat monate",
    "ANN": "year years jaar jaren an ans année années år jahr jahre",
    "MIN": "min minute minutes minuut minuten minutt minutter minut minuter",
    "KGM": "kg kilo kilogram kilogrammes kilograms kilogramm",
    "GRM": "g gram grams gramme grammes gramm",
    "TNE": "t ton tons tonne tonnes tonnen",
    "LTR": "l liter liters litre litres",
    "MTR": "m meter meters metre metres mètre mètres",
    "KMT": "km kilometer kilometers kilometre kilometres",
    "MTK": "m2 m²",
    "MTQ": "m3 m³",
    "KWH": "kwh",
    "SET": "set sets",
    "PR": "pair pairs paar paire paires par paare",
}
_CODES = {word: code for code, words in _WORDS.items() for word in words.split()}


def unit_code(unit: str | None) -> str:
    """The code of a unit as people write it, in the languages that documents have."""
    word = (unit or "").strip().rstrip(".").lower()
    return _CODES.get(word, ONE)
