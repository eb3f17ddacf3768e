"""Why no VAT is charged, as the sentence that the law of a language's country asks an invoice to say.

Sources by category of UNCL5305; where none is named, the words are those of the directive (2006/112/EC) in
that language:

AE  art. 226 (11a) of the directive as amended by 2010/45/EU, whose language versions prescribe the words:
    "Reverse charge", "Autoliquidation", "Btw verlegd", "Omvänd betalningsskyldighet", "omvendt
    betalingspligt", "Steuerschuldnerschaft des Leistungsempfängers" (also § 14a (5) UStG);
    nb: bokføringsforskriften § 5-1-1 no. 7, "Omvendt avgiftsplikt – Merverdiavgift ikke beregnet"
K   art. 138 (1), told by art. 226 (11); de: § 4 no. 1 (b) and § 6a UStG; sv: mervärdesskattelagen
    (2023:200) ch. 10 § 42; da: momsloven § 34 (1) no. 1
G   art. 146 (1); de: § 4 no. 1 (a) and § 6 UStG; fr: CGI art. 262 I; nb: merverdiavgiftsloven § 6-21;
    da: momsloven § 34 (1) no. 5
O   outside of art. 2; de: § 1 UStG; nl: art. 1 Wet OB 1968; nb: merverdiavgiftsloven § 3-1;
    da: momsloven § 4
E   art. 132 to 135, told by art. 226 (11); de: § 14 (4) no. 8 UStG; fr: CGI annexe II art. 242 nonies A;
    nl: art. 11 Wet OB 1968; nb: merverdiavgiftsloven §§ 3-2 to 3-20; da: momsloven § 13
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.invoice.lines.domain.tax import USUAL_REASONS
from shared.events.invoice import LineData, LineTax, TaxBreakdown

_FIGURES = "¹²³⁴⁵⁶⁷⁸⁹"
_CATEGORIES = ("AE", "K", "G", "O", "E")
_TEXTS = {
    "en": """Reverse charge|Intra-Community supply, exempt from VAT|Export outside the EU, exempt from VAT|
        Not subject to VAT|Exempt from VAT""",
    "fr": """Autoliquidation|Livraison intracommunautaire exonérée de TVA|
        Exportation hors de l’UE, exonérée de TVA|Non soumis à la TVA|Exonéré de TVA""",
    "nl": """Btw verlegd|Intracommunautaire levering, vrijgesteld van btw|
        Uitvoer buiten de EU, vrijgesteld van btw|Niet aan btw onderworpen|Vrijgesteld van btw""",
    "nb": """Omvendt avgiftsplikt – Merverdiavgift ikke beregnet|
        Levering innen EU, fritatt for merverdiavgift|Utførsel, fritatt for merverdiavgift|
        Utenfor merverdiavgiftsområdet|Unntatt fra merverdiavgift""",
    "sv": """Omvänd betalningsskyldighet|Unionsintern leverans, undantagen från skatteplikt|
        Export utanför EU, undantagen från skatteplikt|Omfattas inte av moms|Undantagen från skatteplikt""",
    "da": """Omvendt betalingspligt|Levering inden for EU, fritaget for moms|
        Udførsel uden for EU, fritaget for moms|Ikke momspligtig|Fritaget for moms""",
    "de": """Steuerschuldnerschaft des Leistungsempfängers|Steuerfreie innergemeinschaftliche Lieferung|
        Steuerfreie Ausfuhrlieferung|Nicht steuerbare Leistung|Steuerfreie Leistung""",
}


def _table(text: str) -> Mapping[str, str]:
    return dict(zip(_CATEGORIES, (" ".join(part.split()) for part in text.split("|")), strict=True))


SENTENCES: Mapping[str, Mapping[str, str]] = {language: _table(text) for language, text in _TEXTS.items()}
"""The sentence by language, then by category."""
_KNOWN = {
    category: {USUAL_REASONS.get(category, "").lower()}
    | {sentences[category].lower() for sentences in SENTENCES.values()}
    for category in _CATEGORIES
}


def sentence(language: str, category: str | None, reason: str | None) -> str:
    """What the document says of a group without tax: the law's sentence, with the reason that was given.

    A reason of several words speaks for itself where the law prescribes none; empty for taxed groups.
    """
    prescribed = SENTENCES[language].get(category or "")
    stated = (reason or "").strip()
    if prescribed is None:
        return stated
    if not stated or stated.lower() in _KNOWN[str(category)] or stated.lower() == prescribed.lower():
        return prescribed
    if prescribed.lower() in stated.lower() or (category == "E" and " " in stated):
        return stated
    return f"{prescribed}: {stated}"


@dataclass(frozen=True, slots=True)
class ReasonMarks:
    """The reasons as they stand below the totals, and the mark of each group on which rows refer to them."""

    reasons: list[str]
    marks: Mapping[tuple[Any, str | None], str]

    def of(self, category: str | None, reason: str | None) -> str:
        """The mark behind a rate; empty where the document has one reason only."""
        return self.marks.get((category, reason), "")


def mark_reasons(language: str, groups: Sequence[TaxBreakdown], lines: Sequence[LineData]) -> ReasonMarks:
    """The sentences of a document's untaxed groups, numbered where there are several.

    A group has one of them for each reason of its lines.
    """
    within = {_key(group): _reasons_within(group, lines) for group in groups}
    said = {
        (category, reason): sentence(language, category, reason)
        for (category, _), reasons in within.items()
        for reason in reasons
    }
    reasons = list(dict.fromkeys(text for text in said.values() if text))
    if len(reasons) < 2:
        return ReasonMarks(reasons, {})
    marks = {key: _FIGURES[reasons.index(text) % 9] for key, text in said.items() if text}
    for (category, whole), members in within.items():
        group_marks = dict.fromkeys(marks.get((category, reason), "") for reason in members)
        marks[category, whole] = "".join(group_marks)
    return ReasonMarks([f"{_FIGURES[at % 9]} {text}" for at, text in enumerate(reasons)], marks)


def _key(levied: TaxBreakdown | LineData | LineTax) -> tuple[str | None, str | None]:
    return levied.tax_category, levied.tax_exemption_reason


def _reasons_within(group: TaxBreakdown, lines: Sequence[LineData]) -> list[str | None]:
    """Each reason of the group's lines, once; the group's own where they say none."""
    levied: list[LineData | LineTax] = []
    for line in lines:
        levied += line.taxes or [line]
    reasons = [
        taxed.tax_exemption_reason
        for taxed in levied
        if taxed.tax_category == group.tax_category and taxed.tax_exemption_reason
    ]
    return list(dict.fromkeys(reasons)) or [group.tax_exemption_reason]
