"""Kinds of documents, as requests: every one is made through the API and judged by validators of others."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.validation.companies import COMPANIES, a_buyer, a_seller, rate_of


@dataclass(frozen=True)
class Kind:
    """One document: who sells, who buys, what; and what is done after it was issued.

    `lacks` is the pointer or rule for which no e-invoice is made; `then` names what happens next. The bodies'
    null values are sent as they are.
    """

    seller: Mapping[str, Any]
    buyer: Mapping[str, Any]
    lines: list[dict[str, Any]]
    invoice: Mapping[str, Any] = field(default_factory=dict)
    then: str = ""
    lacks: str = ""
    lacks_data: str = ""


def a_line(price: str = "100", rate: str = "21", quantity: str = "1", **fields: Any) -> dict[str, Any]:
    """A row at a price without tax."""
    usual = {"description": "Advice", "quantity": quantity, "unit_price": price, "tax_rate": rate}
    return {**usual, **fields}


def inclusive(price: str, rate: str = "21", quantity: str = "1", **fields: Any) -> dict[str, Any]:
    """A row at a price with tax."""
    return a_line(price, rate, quantity, tax_behavior="inclusive", **fields)


def exempt(category: str, reason: str | None = None, **fields: Any) -> dict[str, Any]:
    """A row without tax, for this reason."""
    return a_line(rate="0", tax_category=category, tax_exemption_reason=reason, **fields)


def sale(*lines: dict[str, Any], seller: str = "NL", buyer: str = "BE", **invoice: Any) -> Kind:
    """Something sold by a company of one country to one of another."""
    return Kind(a_seller(seller), a_buyer(buyer), list(lines) or [a_line(rate=rate_of(seller))], invoice)


def of(kind: Kind, *, seller: Any = None, buyer: Any = None, **changes: Any) -> Kind:
    """The kind with other fields."""
    return replace(
        kind, seller={**kind.seller, **(seller or {})}, buyer={**kind.buyer, **(buyer or {})}, **changes
    )


LONG = "A long text about what was done, why and for whom. " * 18
AMOUNTS = {
    "several rates": sale(a_line(), a_line("50", "9"), a_line("20", "0")),
    "inclusive prices": sale(inclusive("89"), inclusive("125", quantity="2")),
    "inclusive and exclusive": sale(inclusive("12.34"), a_line("50", "9"), inclusive("0.99", "9", "3")),
    "thirds, inclusive": sale(*[inclusive("0.33", "20", "7")] * 3),
    "line discounts": sale(
        a_line(discount={"percent": "10"}), a_line("30", quantity="3", discount={"amount_minor": 500})
    ),
    "invoice discount": sale(a_line(), a_line("50", "9"), discount={"percent": "7.5"}),
    "invoice discount on both ways": sale(inclusive("100"), a_line("33.33"), discount={"amount_minor": 1234}),
    "both discounts": sale(
        a_line("100", discount={"percent": "50"}), a_line("10", "9"), discount={"amount_minor": 700}
    ),
    "free of charge": sale(a_line(discount={"percent": "100"}), a_line("10")),
    "nothing to pay": sale(a_line("0")),
    "a negative row": sale(a_line(), a_line("20", quantity="-1")),
    "a negative price": sale(a_line(), a_line("-20")),
    "a quantity of nothing": sale(a_line(quantity="0"), a_line("10")),
    "a tiny quantity": sale(a_line("100", quantity="0.0001"), a_line("10")),
    "a huge quantity": sale(a_line("0.0005", quantity="48213000")),
    "a large sum": sale(a_line("9999999.99", quantity="90")),
    "rounding of many rows": sale(*[a_line("0.07", "9")] * 40),
    "a category stated and not": sale(a_line(tax_category="S"), a_line()),
    "zero rated, stated and not": sale(a_line(rate="0", tax_category="Z"), a_line(rate="0")),
    "rounded by line": of(sale(*[a_line("0.333", "21")] * 5), seller={"rounding_level": "line"}),
}
TAXES = {
    "reverse charge": sale(exempt("AE", "Reverse charge")),
    "reverse charge without words": sale(exempt("AE")),
    "intra-community": sale(exempt("K", "Intra-community supply"), buyer="DE"),
    "export": sale(exempt("G", "Export"), buyer="CH"),
    "exempt": sale(exempt("E", "Education")),
    "not subject": sale(exempt("O", "Outside the scope of VAT")),
    "two reasons of one category": sale(exempt("E", "Education"), exempt("E", "Insurance")),
    "exempt beside taxed": sale(a_line(), exempt("E", "Education")),
    "not subject beside taxed": of(
        sale(a_line(), exempt("O", "Outside the scope of VAT")), lacks="/lines", lacks_data="not issued"
    ),
    "exempt without a VAT number": of(sale(exempt("E", "Small business")), seller={"vat_id": None}),
    "zero rated without a VAT number": of(sale(a_line(rate="0")), seller={"vat_id": None}),
    "reverse charge to nobody known": of(sale(exempt("AE", "Reverse charge")), buyer={"vat_id": None}),
    "intra-community to nobody known": of(sale(exempt("K", "Goods"), buyer="DE"), buyer={"vat_id": None}),
    "taxed without a VAT number": of(sale(), seller={"vat_id": None}),
    "several taxes on a row": sale(
        a_line(tax_rate=None, taxes=[{"tax_rate": "5", "name": "GST"}, {"tax_rate": "9.975", "name": "QST"}])
    ),
}
NOVEMBER = {"supply_start": "2026-11-01", "supply_end": "2026-11-30"}
IN_EUR = {"currency": "EUR", "exchange_rate": "0.9205", "exchange_rate_source": "ECB"}
SMALL_GERMAN = {"vat_id": None, "registration_number": None, "tax_number": "133/8150/8159"}
SUPPLY = {
    "a date of supply": sale(supply_date="2026-11-07"),
    "a period of supply": sale(**NOVEMBER),
    "a date and a period of supply": sale(supply_date="2026-11-30", **NOVEMBER),
    "a period on a row": sale(
        a_line(supply_start="2026-11-03", supply_end="2026-11-03"), a_line(), **NOVEMBER
    ),
    "periods on rows alone": sale(a_line(**NOVEMBER), a_line("50", "9", **NOVEMBER)),
    "a date within Germany": sale(seller="DE", buyer="DE", supply_date="2026-11-07"),
    "a period within Germany": sale(seller="DE", buyer="DE", **NOVEMBER),
    "periods of rows within Germany": sale(a_line(rate="19", **NOVEMBER), seller="DE", buyer="DE"),
    "intra-community in a period": sale(exempt("K", "Goods"), buyer="DE", **NOVEMBER),
    "a period credited": of(sale(a_line(**NOVEMBER), **NOVEMBER), then="credit"),
    "a German period credited": of(sale(seller="DE", buyer="DE", **NOVEMBER), then="credit"),
}
TAX_NUMBERS = {
    "a tax number beside the VAT number": of(sale(), seller={"tax_number": "123456782B01"}),
    "a Dutch small business": of(
        sale(exempt("E", "KOR")), seller={"vat_id": None, "tax_number": "123456782B01"}
    ),
    "a Dutch small business credited": of(
        sale(exempt("E", "KOR")), seller={"vat_id": None, "tax_number": "123456782B01"}, then="credit"
    ),
    "a German small business": of(
        sale(exempt("E", "§ 19 UStG"), seller="DE", buyer="DE"),
        seller={**SMALL_GERMAN},
        lacks="/seller/vat_id",
    ),
    "a German tax number in the place of a VAT number": of(
        sale(seller="DE", buyer="DE"), seller={**SMALL_GERMAN}, lacks="/seller/vat_id"
    ),
    "a Norwegian tax number": of(
        sale(seller="NO", buyer="NO", currency="NOK"), seller={"tax_number": "974760673"}
    ),
    "Godkänd för F-skatt": of(
        sale(seller="SE", buyer="SE", currency="SEK"), seller={"tax_number": "Godkänd för F-skatt"}
    ),
    "a Swedish number": of(sale(seller="SE", buyer="SE", currency="SEK"), seller={"tax_number": "1-2"}),
}
IN_TWO_CURRENCIES = {
    "dollars with tax in euros": sale(currency="USD", tax_conversion=IN_EUR),
    "dollars without tax, told in euros": sale(
        exempt("AE", "Reverse charge"), currency="USD", tax_conversion=IN_EUR
    ),
    "dollars with tax in euros, credited": of(
        sale(a_line(quantity="3"), a_line("0.07"), currency="USD", tax_conversion=IN_EUR), then="credit one"
    ),
    "crowns with tax in zlotys": sale(
        seller="PL",
        buyer="SE",
        currency="SEK",
        tax_conversion={**IN_EUR, "currency": "PLN", "exchange_rate": "0.3877"},
    ),
}
CURRENCIES = {
    "dollars of a euro seller": sale(currency="USD"),
    "Swedish crowns": sale(seller="SE", buyer="SE", currency="SEK"),
    "Norwegian crowns": sale(seller="NO", buyer="NO", currency="NOK"),
    "Danish crowns": sale(seller="DK", buyer="DK", currency="DKK"),
    "yen": sale(a_line("1000"), currency="JPY"),
    "dinars": sale(currency="KWD"),
    "zlotys": sale(seller="PL", buyer="PL", currency="PLN"),
}
DOMESTIC = {f"{country} to {country}": sale(seller=country, buyer=country) for country in COMPANIES}
ABROAD = {
    f"NL to {country}": sale(exempt("AE", "Reverse charge"), buyer=country)
    for country in COMPANIES
    if country not in {"NL", "BE"}
}
FROM = {
    f"{country} to NL": sale(exempt("AE", "Reverse charge"), seller=country, buyer="NL")
    for country in ("DE", "SE", "DK", "IT", "GR", "FR", "FI", "AT", "ES", "PL", "NO")
}
PARTIES = {
    "a German seller without a contact": of(
        sale(seller="DE", buyer="DE"), seller={"email": None, "phone": None}
    ),
    "a German seller without a telephone": of(sale(seller="DE", buyer="DE"), seller={"phone": None}),
    "a German buyer without a city": of(
        sale(seller="DE", buyer="DE"), buyer={"address": {"line1": "Weg 1", "postal_code": "10115"}}
    ),
    "a Swedish seller without a register number": of(
        sale(seller="SE", buyer="SE"), seller={"registration_number": None}
    ),
    "a Danish seller without a register number": of(
        sale(seller="DK", buyer="DK"), seller={"registration_number": None}
    ),
    "a Dutch seller without a register number": of(
        sale(seller="NL", buyer="NL"), seller={"registration_number": None}
    ),
    "a Dutch seller without a street": of(sale(seller="NL", buyer="NL"), seller={"address": None}),
    "a Dutch buyer without an address": of(sale(seller="NL", buyer="NL"), buyer={"address": None}),
    "an Italian seller without an address": of(sale(seller="IT", buyer="IT"), seller={"address": None}),
    "a Greek number with GR": of(sale(buyer="GR"), buyer={"vat_id": "GR094259216"}),
    "a buyer with an e-mail alone": of(sale(), buyer={"vat_id": None, "email": "a@example.be"}),
    "a buyer with an address of its own": of(sale(), buyer={"e_invoice_address": "0088:5412345000013"}),
    "a seller without an account": of(sale(), seller={"iban": None}),
    "collected automatically": sale(a_line(), collection_method="charge_automatically"),
    "collected automatically in Denmark": sale(
        a_line(rate="25"), seller="DK", buyer="DK", collection_method="charge_automatically"
    ),
    "collected automatically in Germany": sale(
        a_line(rate="19"), seller="DE", buyer="DE", collection_method="charge_automatically"
    ),
    "a register's number in its own words": of(sale(), seller={"registration_number": "KvK 12 34 56 78"}),
    "a Swedish number with a hyphen": of(
        sale(a_line(rate="25"), seller="SE"), seller={"registration_number": "556036-0793"}
    ),
    "a Danish seller without an account": of(sale(seller="DK", buyer="DK"), seller={"iban": None}),
    "a buyer without a country": of(sale(), buyer={"country": None, "vat_id": None, "email": "a@example.be"}),
    "a company with a telling name": of(
        sale(), seller={"name": "Bäckerei & Söhne <GmbH> “№ 1”"}, buyer={"name": "L'Étoile d'Or ÅÄÖ"}
    ),
    "names in other scripts": of(
        sale(buyer="GR"), buyer={"name": "Εταιρεία", "address": {"line1": "Οδός 1", "city": "Αθήνα"}}
    ),
    "an emoji in a name": of(sale(), buyer={"name": "Pizza 🍕 Co"}),
}
TEXTS = {
    "long texts": sale(a_line(description=LONG), notes=LONG),
    "a long word": sale(a_line(description="Donaudampfschifffahrtsgesellschaft" * 12)),
    "text rows around an item": sale(
        {"type": "text", "description": "Part one"}, a_line(), {"type": "text", "description": "The end"}
    ),
    "several lines of text": sale(a_line(description="First\nSecond\n\nFourth")),
    "text rows": sale(a_line(), {"type": "text", "description": "Delivered by hand"}, a_line("5")),
    "units": sale(*[a_line(unit=unit) for unit in ("uur", "kg", "maand", "stuk", "m2")]),
    "notes and a reference": sale(notes="Thank you\nfor the order", reference="PO 4711"),
    "a number of one's own": sale(number="A/2026 — 77"),
}
STATES = {
    "credited whole": of(sale(a_line(), a_line("50", "9")), then="credit"),
    "credited in part": of(sale(a_line(quantity="3"), a_line("50", "9")), then="credit one"),
    "credited with a discount": of(sale(a_line(), discount={"percent": "10"}), then="credit"),
    "credited in Denmark": of(sale(seller="DK", buyer="DK", currency="DKK"), then="credit"),
    "credited in Germany": of(sale(seller="DE", buyer="DE"), then="credit"),
    "credited in Norway": of(sale(seller="NO", buyer="NO", currency="NOK"), then="credit"),
    "paid in part": of(sale(), then="pay part"),
    "paid whole": of(sale(), then="pay"),
    "paid by credit": of(sale(), then="prepaid"),
    "due long ago": sale(issue_date="2025-12-31", due_date="2026-01-14"),
    "due on receipt": sale(payment_terms_days=0),
    "sent to a sandbox address": of(sale(), then="send"),
    "void": of(sale(), then="void"),
}
# What no e-invoice is made of: what the refusal of UBL names, and why the PDF has no data.
NONE_IS_MADE = {
    "exempt without a VAT number": ("/seller/vat_id", "/seller/vat_id"),
    "zero rated without a VAT number": ("/seller/vat_id", "/seller/vat_id"),
    "reverse charge to nobody known": ("/contact/vat_id", "/contact/vat_id"),
    "intra-community to nobody known": ("/contact/vat_id", "/contact/vat_id"),
    "taxed without a VAT number": ("/seller/vat_id", "/seller/vat_id"),
    "several taxes on a row": ("/lines", "/lines"),
    "dinars": ("/currency", "/currency"),
    "GR to GR": ("GR-R-004-1", ""),
    "GR to NL": ("GR-R-004-1", ""),
    "a German seller without a contact": ("DE-R-002 /seller/phone", ""),
    "a German seller without a telephone": ("DE-R-006 /seller/phone", ""),
    "a German buyer without a city": ("DE-R-008 /contact/address/city", ""),
    "a Dutch seller without a street": ("NL-R-002 /seller/address/line1", ""),
    "a Dutch buyer without an address": ("NL-R-004 /contact/address/line1", ""),
    "an Italian seller without an address": ("IT-R-002 IT-R-003 IT-R-004 /seller/address/line1", ""),
    "a buyer with an e-mail alone": ("/contact/vat_id", ""),
    "a buyer without a country": ("/contact/country", "/contact/country"),
    "void": ("invoice_is_void", "nothing is said"),
}
_ALL = {
    **AMOUNTS,
    **TAXES,
    **SUPPLY,
    **TAX_NUMBERS,
    **IN_TWO_CURRENCIES,
    **CURRENCIES,
    **DOMESTIC,
    **ABROAD,
    **FROM,
    **PARTIES,
    **TEXTS,
    **STATES,
}
KINDS: dict[str, Kind] = {
    name: of(kind, lacks=NONE_IS_MADE[name][0], lacks_data=NONE_IS_MADE[name][1])
    if name in NONE_IS_MADE
    else kind
    for name, kind in _ALL.items()
}
