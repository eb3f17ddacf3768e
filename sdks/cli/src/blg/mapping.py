"""Which column of a file is which field: guessed from the heads, changed by hand, remembered for the next file."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from blg import config
from blg.errors import WrongUsage

_WHOSE = "contactexternalid customerid klantnummer debtornumber debiteurnummer clientid relatiecode"
_CONTACT = {
    "name": "name company companyname customer customername klant klantnaam naam bedrijfsnaam clientname displayname",
    "email": "email emailaddress mail emailadres customeremail clientemail contactemail",
    "phone": "phone phonenumber telephone telefoon telefoonnummer mobile",
    "address.line1": "address addressline1 line1 street straat adres address1 addressstreet",
    "address.line2": "addressline2 line2 address2",
    "address.postal_code": "postalcode zip zipcode postcode",
    "address.city": "city plaats stad woonplaats town",
    "country": "country countrycode land landcode",
    "vat_id": "vatid vatnumber btwnummer btw taxid taxnumber vat",
    "locale": "locale language taal",
    "external_id": "externalid id customerid klantnummer debtornumber debiteurnummer clientid relatiecode number",
}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "contacts": _CONTACT,
    "products": {
        "name": "name product productname naam item title productkey",
        "description": "description omschrijving notes",
        "sku": "sku code productcode artikelnummer itemcode productid",
        "unit": "unit eenheid",
        "unit_price": "unitprice price prijs amount verkoopprijs salesprice cost",
        "currency": "currency valuta",
        "tax_rate": "taxrate vatrate btwpercentage btw tax vat taxrate1",
    },
    "invoices": {
        "number": "number invoicenumber factuurnummer invoice invoiceid documentnumber",
        "contact.external_id": _WHOSE,
        "contact.name": "contact contactname customer customername klant klantnaam client clientname company",
        "contact.email": "email customeremail clientemail contactemail",
        "issue_date": "issuedate date invoicedate factuurdatum datum",
        "due_date": "duedate vervaldatum due",
        "reference": "reference referentie ponumber",
        "currency": "currency valuta",
        "description": "description omschrijving item line product",
        "quantity": "quantity aantal qty",
        "unit_price": "unitprice price prijs cost rate",
        "tax_rate": "taxrate vatrate btwpercentage btw tax vat",
    },
    "open-items": {
        "number": "number invoicenumber factuurnummer invoice documentnumber",
        "contact.external_id": _WHOSE,
        "contact.name": "contact contactname customer customername klant klantnaam client clientname company",
        "contact.email": "email customeremail clientemail contactemail",
        "issue_date": "issuedate date invoicedate factuurdatum datum",
        "due_date": "duedate vervaldatum due",
        "amount": "amount openamount open openstaand openstaandbedrag balance saldo outstanding bedrag",
        "currency": "currency valuta",
    },
}
NEEDED = {
    "contacts": ("name",),
    "products": ("name", "unit_price"),
    "invoices": ("description", "unit_price"),
    "open-items": ("number", "amount"),
}


def guess(kind: str, heads: Iterable[str]) -> dict[str, str]:
    """The field of each head that says one: as it is called in the API, or by one of its usual names."""
    fields = FIELDS[kind]
    found: dict[str, str] = {}
    for head in heads:
        plain = re.sub(r"[^a-z0-9]", "", head.lower())
        for field, known in fields.items():
            own = re.sub(r"[^a-z0-9]", "", field)
            if field not in found.values() and (plain == own or plain in known.split()):
                found[head] = field
                break
    return found


def choose(kind: str, heads: list[str], given: Iterable[str]) -> dict[str, str]:
    """The mapping of this file: what is remembered or guessed, with `COLUMN=FIELD` on top; raises WrongUsage."""
    remembered = config.recall(_file(kind, heads))
    mapping = {str(head): str(field) for head, field in remembered.items()} or guess(kind, heads)
    for text in given:
        head, equals, field = text.rpartition("=")
        if not equals or head not in heads:
            raise WrongUsage(f"--map {text}: give COLUMN=FIELD with one of the columns {', '.join(heads)}.")
        if field and field not in FIELDS[kind]:
            raise WrongUsage(f"--map {text}: the fields are {', '.join(FIELDS[kind])}.")
        mapping = {one: name for one, name in mapping.items() if one != head and name != field}
        mapping |= {head: field} if field else {}
    lacking = [field for field in NEEDED[kind] if field not in mapping.values()]
    if lacking:
        raise WrongUsage(f"No column says {', '.join(lacking)}: give --map COLUMN={lacking[0]}.")
    return mapping


def remember(kind: str, heads: list[str], mapping: Mapping[str, str]) -> None:
    """Keep it for the next file with these heads."""
    config.store(_file(kind, heads), json.dumps(dict(mapping)))


def _file(kind: str, heads: list[str]) -> Path:
    digest = hashlib.sha256("\n".join(heads).encode()).hexdigest()[:16]
    return config.folder() / "mappings" / f"{kind}-{digest}.json"
