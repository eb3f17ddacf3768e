"""What banks write into `:86:` of MT940: three ways of telling payer, references and text apart.

German banks number subfields (`?20`, DK Anlage 3), Dutch ones begin each part by a word between slashes
(`/EREF/`, as ING, Rabobank and ABN AMRO describe it), some write words with a colon (`NAAM:`). What none of
them fits is text.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from services.payment.bank_files.domain.statement import BankEntry, Counterparty, Remittance, to_iban

_LINE_LENGTH = 65
_SUBFIELD_LENGTH = 27
_SUBFIELD = re.compile(r"\?([0-9]{2})([^?]*)")
_SEPA_WORD = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC)\+")
_SLASH_WORD = re.compile(
    r"/(TRTP|IBAN|BIC|NAME|REMI|EREF|PREF|MARF|CSID|CNTP|ORDP|BENM|ULTD|ULTC|ULTB|PURP|RTRN|SUM|"
    r"OCMT|CHGS|EXCH|ISDT|ADDR|NRTX|TRCD|BOOK|SVCL|ID|BO|BI)/"
)
_COLON_WORD = re.compile(
    r"(?:^|\s)(IBAN|BIC|NAAM|OMSCHRIJVING|KENMERK|MACHTIGING|INCASSANT|BETALINGSKENM\.):\s*"
)
_RETURN = re.compile(r"[A-Z]{2}[0-9]{2}")
_NO_REFERENCE = {"NOTPROVIDED", "NONREF", "NOT PROVIDED", "NOTAVAIL"}


def read_information(entry: BankEntry, value: str) -> BankEntry:
    """The entry with what its `:86:` tells, in whichever of the three ways."""
    lines = value.split("\n")
    whole = "".join(lines)
    if re.match(r"[0-9]{3}\?", whole):
        return _read_subfields(entry, whole)
    if _SLASH_WORD.search(whole):
        return _read_slashes(entry, _join(lines, _LINE_LENGTH))
    if len(_COLON_WORD.findall(whole)) > 1:
        return _read_colons(entry, _join(lines, _LINE_LENGTH))
    text = _join(lines, _LINE_LENGTH)
    return replace(entry, remittance=replace(entry.remittance, text=text or entry.remittance.text))


def _join(pieces: Sequence[str], length: int) -> str:
    """Pieces as one text: a full piece goes on in the next one, a shorter one has ended."""
    text = "".join(piece if len(piece) >= length else f"{piece.rstrip()} " for piece in pieces)
    return " ".join(text.split())


def _read_subfields(entry: BankEntry, whole: str) -> BankEntry:
    fields: dict[str, str] = {}
    for number, value in _SUBFIELD.findall(whole):
        fields.setdefault(number, value)
    numbers = [str(number) for number in (*range(20, 30), *range(60, 64))]
    pieces = [fields[number] for number in numbers if fields.get(number)]
    words = _split_words(_join(pieces, _SUBFIELD_LENGTH), _SEPA_WORD)
    name = " ".join((fields.get("32", "") + fields.get("33", "")).split())
    iban = to_iban(words.get("IBAN") or fields.get("31", ""))
    text = words.get("SVWZ", words[""])
    remittance = replace(
        _referring(entry.remittance, words.get("EREF"), words.get("MREF"), words.get("CRED")), text=text
    )
    # Behind the text of a return stands why (Rückgabegrund), as the code of ISO 20022.
    returned = re.search(r"(?:RETURN|RUECK|R.CK)[^?]*?\b([A-Z]{2}[0-9]{2})\b", text, re.IGNORECASE)
    return replace(
        entry,
        counterparty=Counterparty(
            name or None, iban, words.get("BIC") or _to_bic(fields.get("30", "")), words.get("ABWA")
        ),
        remittance=remittance,
        transaction_code=whole[:3],
        return_code=returned[1].upper() if returned else None,
    )


def _split_words(text: str, pattern: re.Pattern[str]) -> dict[str, str]:
    """The text behind each word, and under "" what stands before the first; the first of each counts."""
    found = list(pattern.finditer(text))
    words = {"": text[: found[0].start()].strip() if found else text.strip()}
    for at, following in zip_longest(found, found[1:]):
        value = text[at.end() : following.start() if following else len(text)]
        words.setdefault(at[1], " ".join(value.split()))
    return words


def _read_slashes(entry: BankEntry, whole: str) -> BankEntry:
    words = {word: value.strip("/ ") for word, value in _split_words(whole, _SLASH_WORD).items()}
    iban, bic, name = _read_counterparty(words)
    text, structured = _read_remittance(words.get("REMI", ""))
    remittance = _referring(
        entry.remittance, words.get("EREF") or words.get("PREF"), words.get("MARF"), words.get("CSID")
    )
    returned = _RETURN.match(words.get("RTRN", ""))
    return replace(
        entry,
        counterparty=Counterparty(name, iban, bic, words.get("ULTD") or words.get("ULTC") or None),
        remittance=replace(remittance, text=text, structured=structured),
        transaction_code=words.get("TRCD") or entry.transaction_code,
        return_code=returned[0] if returned else None,
    )


def _read_counterparty(words: dict[str, str]) -> tuple[str | None, str | None, str | None]:
    """IBAN, BIC and name, which ING writes one behind the other under CNTP."""
    iban, bic, name = (words.get(word, "") for word in ("IBAN", "BIC", "NAME"))
    if "CNTP" in words:
        parts = [*words["CNTP"].split("/"), "", "", ""]
        iban, bic, name = iban or parts[0], bic or parts[1], name or parts[2]
    name = name or words.get("ORDP", "") or words.get("BENM", "")
    return to_iban(iban), bic.strip() or None, " ".join(name.split()) or None


def _read_remittance(text: str) -> tuple[str, tuple[str, ...]]:
    """The payer's text, and the references that are structured: `USTD//…`, `STRD/CUR/…`, or plain text."""
    kind, _, rest = text.partition("/")
    if kind == "USTD":
        return " ".join(rest.strip("/ ").split()), ()
    if kind == "STRD":
        reference = rest.removeprefix("CUR/").removeprefix("ISO/").strip("/ ")
        return "", (reference,) if reference else ()
    return " ".join(text.split()), ()


def _read_colons(entry: BankEntry, text: str) -> BankEntry:
    words = _split_words(text, _COLON_WORD)
    remittance = _referring(
        entry.remittance, words.get("KENMERK"), words.get("MACHTIGING"), words.get("INCASSANT")
    )
    structured = words.get("BETALINGSKENM.")
    return replace(
        entry,
        counterparty=Counterparty(words.get("NAAM"), to_iban(words.get("IBAN", "")), words.get("BIC")),
        remittance=replace(
            remittance,
            text=words.get("OMSCHRIJVING", ""),
            structured=(structured,) if structured else (),
        ),
    )


def _referring(
    remittance: Remittance, end_to_end_id: str | None, mandate_id: str | None, creditor_id: str | None
) -> Remittance:
    """The remittance with these references; words that stand for none are none."""
    return replace(
        remittance,
        end_to_end_id=_meant(end_to_end_id) or _meant(remittance.end_to_end_id),
        mandate_id=_meant(mandate_id),
        creditor_id=_meant(creditor_id),
    )


def _meant(reference: str | None) -> str | None:
    text = (reference or "").strip()
    return None if not text or text.upper() in _NO_REFERENCE else text


def _to_bic(text: str) -> str | None:
    # Under ?30 an old file has the national bank code.
    joined = "".join(text.split())
    return joined if re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", joined) else None
