"""What the validators say of the documents: a table, and what makes the run fail."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from deploy.validation.judge import Case, Verdict, judge
from tests.validation.making import LEVEL, Made

PEPPOL, EN_16931, FACTUR_X, XRECHNUNG = "2026.5", "1.3.16", "2.4", "3.0.2"
ARCHIVAL = "pdfa:3b"


def cases(made: Made) -> list[Case]:
    """By what its files are judged."""
    found = [Case(made.pdf, ARCHIVAL)] if made.pdf else []
    is_note = made.kind.then.startswith("credit")
    if made.ubl:
        found.append(Case(made.ubl, f"eu.peppol.bis3:{'creditnote' if is_note else 'invoice'}:{PEPPOL}"))
        found.append(Case(made.ubl, f"eu.cen.en16931:ubl{'-creditnote' if is_note else ''}:{EN_16931}"))
    if made.cii:
        found.append(Case(made.cii, f"eu.cen.en16931:cii:{EN_16931}"))
        found.append(Case(made.cii, f"de.zugferd:en16931:{FACTUR_X}"))
        # Peppol's rules between German parties are those of XRechnung: what keeps the ones keeps the others.
        if made.ubl and made.kind.seller["country"] == made.kind.buyer["country"] == "DE":
            found.append(Case(made.cii, f"de.xrechnung:cii:{XRECHNUNG}"))
    return found


def faults(every: Sequence[Made], verdicts: Iterable[Verdict]) -> list[str]:
    """What is wrong: fatal findings, refusals that the kind does not expect, and what is claimed untruly."""
    names = {path: made.name for made in every for path in (made.pdf, made.ubl, made.cii) if path}
    fatal = (one for one in verdicts if one.severity == "fatal")
    found = list(
        dict.fromkeys(f"{names[one.path]}: {one.rules} {one.rule} {one.text[:160]}" for one in fatal)
    )
    for made in every:
        found += _unexpected(made)
    return found


def table(every: Sequence[Made], verdicts: Sequence[Verdict]) -> str:
    """One row a document: what became of each of its files."""
    rows = [("kind", "UBL", "data in the PDF", "PDF/A-3b")]
    for made in every:
        ubl = _said(verdicts, made.ubl) or f"none: {made.refused}"
        cii = _said(verdicts, made.cii) or f"none: {made.without_data}"
        rows.append((made.name, ubl[:90], cii[:60], _said(verdicts, made.pdf)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def verdicts_of(every: Sequence[Made]) -> list[Verdict]:
    """Everything that the validators find in these documents."""
    return judge([case for made in every for case in cases(made)])


def _said(verdicts: Iterable[Verdict], path: Path | None) -> str:
    if path is None:
        return ""
    of_file = [one for one in verdicts if one.path == path]
    fatal = sorted({one.rule for one in of_file if one.severity == "fatal"})
    if fatal:
        return "INVALID " + " ".join(fatal)
    warned = sorted({one.rule for one in of_file})
    return "valid" + (f" (warned: {' '.join(warned)})" if warned else "")


def _unexpected(made: Made) -> list[str]:
    found = []
    lacks = made.kind.lacks
    if (made.ubl is None) != bool(lacks) or lacks not in made.refused:
        found.append(f"{made.name}: UBL {made.refused or 'was written'}, expected {lacks or 'one'}")
    lacks = made.kind.lacks_data
    if (made.cii is None) != bool(lacks) or lacks not in made.without_data:
        found.append(f"{made.name}: data {made.without_data or 'attached'}, expected {lacks or 'some'}")
    if made.pdf and made.is_declared != (made.cii is not None):
        found.append(f"{made.name}: the PDF says {LEVEL} and carries no data, or the other way round")
    return found
