"""Which schemes of electronic addresses there are, and which one a VAT number or a register's number has.

Sources: the code lists within the rules that documents are held to (`static/rules`; a test compares them),
and for Finland the Peppol authority's requirement (OVT codes alone). What these lists have dropped, such as
9955 for Swedish and 0213 for Finnish VAT numbers, is never written: the network refuses it.
"""

import re
from collections.abc import Callable, Mapping

EMAIL = "EM"
PEPPOL = frozenset(
    """0002 0007 0009 0060 0088 0096 0097 0106 0130 0135 0142 0151 0183 0184 0188 0190 0191 0192 0195 0196
    0198 0199 0200 0201 0204 0208 0209 0210 0211 0216 0218 0221 0225 0230 0235 0240 0242 0244 0245 0246 0248
    9910 9913 9914 9915 9918 9919 9920 9922 9923 9924 9925 9926 9927 9928 9929 9930 9931 9932 9933 9934 9935
    9936 9937 9938 9939 9940 9941 9942 9943 9944 9945 9946 9947 9948 9949 9950 9951 9952 9953 9957
    9959""".split()
)
"""Those of PEPPOL-EN16931-CL008."""
EN_16931 = PEPPOL | frozenset(
    """0037 0147 0154 0158 0170 0177 0193 0194 0202 0203 0205 0212 0213 0215 0217 0219 0220 AN AQ AS AU
    EM""".split()
)
"""Those of BR-CL-25, the Connecting Europe Facility's list."""
_WHOLE = {
    "AD": "9922",
    "AL": "9923",
    "AT": "9914",
    "BA": "9924",
    "BG": "9926",
    "CH": "9927",
    "CY": "9928",
    "CZ": "9929",
    "DE": "9930",
    "DK": "0184",
    "EE": "9931",
    "ES": "9920",
    "FR": "9957",
    "GB": "9932",
    "HR": "9934",
    "HU": "9910",
    "IE": "9935",
    "IT": "0211",
    "LI": "9936",
    "LT": "9937",
    "LU": "9938",
    "LV": "9939",
    "MC": "9940",
    "ME": "9941",
    "MK": "9942",
    "MT": "9943",
    "NL": "9944",
    "PL": "9945",
    "PT": "9946",
    "RO": "9947",
    "RS": "9948",
    "SI": "9949",
    "SK": "9950",
    "SM": "9951",
    "TR": "9952",
    "VA": "9953",
}
_PARTS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "BE": ("0208", lambda number: number[2:]),
    # GR-R-010: a Greek company's address is its nine digits.
    "EL": ("9933", lambda number: number[2:]),
    "FI": ("0216", lambda number: f"0037{number[2:]}"),
    "NO": ("0192", lambda number: number[2:11]),
    "SE": ("0007", lambda number: number[2:12]),
}
_REGISTERS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "BE": ("0208", lambda number: number),
    "DK": ("0184", lambda number: number),
    "FI": ("0216", lambda number: f"0037{number.replace('-', '')}"),
    "FR": ("0002", lambda number: number),
    "NL": ("0106", lambda number: number),
    "NO": ("0192", lambda number: number),
    "SE": ("0007", lambda number: number.replace("-", "")),
}

_REGISTER_DIGITS = {"BE": 10, "DK": 8, "FI": 8, "FR": 9, "NL": 8, "NO": 9, "SE": 10}


def with_country(vat_id: str, country: str | None) -> str:
    """The VAT number with its country before it (EN 16931 BR-CO-09), where it was given without."""
    if vat_id.startswith("GR"):
        return f"EL{vat_id[2:]}"
    if vat_id[:1].isdigit() and country:
        return f"{'EL' if country == 'GR' else country}{vat_id}"
    return vat_id


def of_vat_number(vat_id: str) -> tuple[str, str] | None:
    """The scheme and the id that a VAT number, with its country, has on the network, if it has one."""
    country = vat_id[:2]
    if country in _PARTS:
        scheme, part = _PARTS[country]
        return scheme, part(vat_id)
    return (_WHOLE[country], vat_id) if country in _WHOLE else None


def registered(country: str | None, written: str) -> str:
    """A number in this country's register of companies in the register's own form, however it was written.

    With points, hyphens, the register's name or as a VAT number; a French establishment's is its company's.
    What has another count of digits, or no form that is known here, stays as it is but for needless spaces.
    """
    digits = re.sub("[^0-9]", "", written)
    match country, len(digits):
        case "BE", 9:
            digits = f"0{digits}"
        case "FR", 11:
            digits = digits[2:]
        case "FR", 14:
            digits = digits[:9]
        case "SE", 12:
            digits = digits[:10] if digits.endswith("01") else digits.removeprefix("16")
    if len(digits) != _REGISTER_DIGITS.get(country or ""):
        return " ".join(written.split())
    return f"{digits[:7]}-{digits[7]}" if country == "FI" else digits


def of_register(country: str | None, number: str) -> tuple[str, str] | None:
    """The same of a number in this country's register of companies."""
    if country is None or country not in _REGISTERS:
        return None
    scheme, written = _REGISTERS[country]
    return scheme, written(number)


def register_number(vat_id: str, country: str | None) -> str | None:
    """The number in this country's register of companies, where a VAT number of that country holds it."""
    if vat_id[:2] != country:
        return None
    digits = vat_id[2:]
    held = {"BE": digits, "DK": digits, "FR": digits[2:], "NO": digits[:9], "SE": digits[:10]}
    return held.get(country) or None
