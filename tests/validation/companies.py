"""Companies of many countries, with numbers whose check digits are right."""

from typing import Any

# Country → VAT number, number in the register of companies, IBAN, VAT rate, postal code, city.
COMPANIES: dict[str, tuple[str, str | None, str | None, str, str, str]] = {
    "AT": ("ATU13585627", "FN 123456 a", "AT611904300234573201", "20", "1010", "Wien"),
    "BE": ("BE0403170701", "0403170701", "BE68539007547034", "21", "1000", "Bruxelles"),
    "BG": ("BG175074752", "175074752", "BG80BNBG96611020345678", "20", "1000", "Sofia"),
    "CH": ("CHE107787577MWST", None, "CH9300762011623852957", "8.1", "8001", "Zürich"),
    "CY": ("CY10259033P", None, "CY17002001280000001200527600", "19", "1010", "Nicosia"),
    "CZ": ("CZ25123891", "25123891", "CZ6508000000192000145399", "21", "110 00", "Praha"),
    "DE": ("DE136695976", "HRB 1", "DE89370400440532013000", "19", "10115", "Berlin"),
    "DK": ("DK13585628", "13585628", "DK5000400440116243", "25", "1050", "København"),
    "EE": ("EE100931558", "10137025", "EE382200221020145685", "24", "10111", "Tallinn"),
    "ES": ("ESJ99216582", None, "ES9121000418450200051332", "21", "28001", "Madrid"),
    "FI": ("FI20774740", "2077474-0", "FI2112345600000785", "25.5", "00100", "Helsinki"),
    "FR": ("FR83404833048", "404833048", "FR1420041010050500013M02606", "20", "75001", "Paris"),
    "GB": ("GB980780684", None, "GB82WEST12345698765432", "20", "EC1A 1BB", "London"),
    "GR": ("EL094259216", None, "GR1601101250000000012300695", "24", "105 57", "Athina"),
    "HR": ("HR33392005961", None, "HR1210010051863000160", "25", "10000", "Zagreb"),
    "HU": ("HU12892312", None, "HU42117730161111101800000000", "27", "1011", "Budapest"),
    "IE": ("IE6433435F", None, "IE29AIBK93115212345678", "23", "D01 F5P2", "Dublin"),
    "IT": ("IT00743110157", None, "IT60X0542811101000000123456", "22", "00100", "Roma"),
    "LT": ("LT119511515", "110053842", "LT121000011101001000", "21", "01100", "Vilnius"),
    "LU": ("LU15027442", None, "LU280019400644750000", "17", "1009", "Luxembourg"),
    "LV": ("LV40003521600", "40003521600", "LV80BANK0000435195001", "21", "LV-1010", "Riga"),
    "MT": ("MT11679112", None, "MT84MALT011000012345MTLCAST001S", "18", "VLT 1000", "Valletta"),
    "NL": ("NL123456782B90", "12345678", "NL91ABNA0417164300", "21", "1012 JS", "Amsterdam"),
    "NO": ("NO974760673MVA", "974760673", "NO9386011117947", "25", "0150", "Oslo"),
    "PL": ("PL8567346215", None, "PL61109010140000071219812874", "23", "00-001", "Warszawa"),
    "PT": ("PT501964843", None, "PT50000201231234567890154", "23", "1000-001", "Lisboa"),
    "RO": ("RO18547290", None, "RO49AAAA1B31007593840000", "21", "010011", "Bucuresti"),
    "SE": ("SE556036079301", "5560360793", "SE4550000000058398257466", "25", "111 20", "Stockholm"),
    "SI": ("SI50223054", None, "SI56263300012039086", "22", "1000", "Ljubljana"),
    "SK": ("SK2022749619", None, "SK3112000000198742637541", "23", "811 01", "Bratislava"),
}
# Who buys is another company than who sells, where that makes a difference.
OTHER_VAT = {"NL": "NL004495445B01", "SE": "SE556703748501"}


def a_seller(country: str, **changes: Any) -> dict[str, Any]:
    """The business profile of a company of this country."""
    vat_id, registered, iban, _, postal_code, city = COMPANIES[country]
    usual = {
        "name": f"Seller {country} Ltd",
        "country": country,
        "vat_id": vat_id,
        "tax_number": None,
        "registration_number": registered,
        "iban": iban,
        "bic": None,
        "email": "billing@example.com",
        "phone": "+31201234567",
        "address": {"line1": "Main street 1", "postal_code": postal_code, "city": city},
        "currency": "EUR",
    }
    return {**usual, **changes}


def a_buyer(country: str, **changes: Any) -> dict[str, Any]:
    """A contact: a company of this country."""
    vat_id, *_, postal_code, city = COMPANIES[country]
    usual = {
        "name": f"Buyer {country} Ltd",
        "country": country,
        "vat_id": OTHER_VAT.get(country, vat_id),
        "address": {"line1": "Side street 2", "postal_code": postal_code, "city": city},
    }
    return {**usual, **changes}


def rate_of(country: str) -> str:
    """Its usual rate of VAT, percent."""
    return COMPANIES[country][3]
