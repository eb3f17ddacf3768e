"""Files as offices save them: what is read, which column is which field, and what becomes of each row."""

import json
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from blg import mapping, tables
from blg.commands import exports, imports
from blg.errors import WrongUsage

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def a_sheet(*rows: str) -> bytes:
    """An XLSX file with these rows, two shared strings, and styles of which the second and third are days."""
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        texts = "<si><t>Name</t></si><si><r><t>Jos </t></r><r><t>&amp; Co</t></r></si>"
        archive.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{texts}</sst>")
        formats = '<numFmt numFmtId="170" formatCode="dd-mm-yyyy"/><numFmt numFmtId="171" formatCode="0.0"/>'
        kinds = '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/>'
        archive.writestr(
            "xl/styles.xml",
            f"<styleSheet {MAIN}><numFmts>{formats}</numFmts><cellXfs>{kinds}</cellXfs></styleSheet>",
        )
        body = "".join(f"<row>{row}</row>" for row in rows)
        archive.writestr(
            "xl/worksheets/sheet1.xml", f"<worksheet {MAIN}><sheetData>{body}</sheetData></worksheet>"
        )
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        "Naam;Plaats\nJosé;'s-Gravenhage\n".encode("utf-8-sig"),
        "Naam;Plaats\r\nJosé;'s-Gravenhage\r\n".encode("cp1252"),
        "Naam\tPlaats\nJosé\t's-Gravenhage\n\t\n".encode("utf-16"),
        'Naam,Plaats\n"José","\'s-Gravenhage"\n\n'.encode(),
    ],
    ids=["UTF-8 with a mark", "Windows", "UTF-16 with tabs and an empty row", "quoted"],
)
def test_a_csv_is_read_as_any_office_saves_it(tmp_path: Path, content: bytes) -> None:
    (file := tmp_path / "a.csv").write_bytes(content)

    assert tables.read(file) == [{"Naam": "José", "Plaats": "'s-Gravenhage"}]


def test_the_first_sheet_is_read_with_its_days_and_numbers(tmp_path: Path) -> None:
    heads = '<c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Since</t></is></c>'
    heads += '<c r="D1" t="str"><v>Price</v></c>'
    row = '<c r="A2" t="s"><v>1</v></c><c r="B2" s="1"><v>46338.5</v></c><c r="C2" t="b"><v>1</v></c>'
    row += '<c r="D2" s="3"><v>1.2000000000000002E-2</v></c>'
    other = '<c r="B3" s="2"><v>61</v></c><c r="D3"><v>0012</v></c>'
    (file := tmp_path / "a.xlsx").write_bytes(a_sheet(heads, row, "", other))

    assert tables.read(file) == [
        {"Name": "Jos & Co", "Since": "2026-11-12", "Price": "0.012"},
        {"Name": "", "Since": "1900-03-01", "Price": "0012"},
    ]


def test_json_lines_keep_every_digit(tmp_path: Path) -> None:
    (file := tmp_path / "a.jsonl").write_text(
        '{"name": "A", "unit_price": 1.10, "tags": ["x"], "no": null}\n\n'
    )

    assert tables.read(file) == [{"name": "A", "unit_price": "1.10", "tags": '["x"]', "no": ""}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"Name;Name\nx;y\n"),
        ("a.xlsx", b"PK nothing"),
        ("a.xlsx", a_sheet("<c")),
        ("a.xlsx", a_sheet('<c t="s"><v>0</v></c>').replace(b"xl/worksheets", b"xl/worksheetz")),
        ("a.jsonl", b"[1]\n"),
        ("a.jsonl", b"{\n"),
        ("missing.csv", None),
    ],
)
def test_what_is_no_table_is_said_to_be_none(tmp_path: Path, name: str, content: bytes | None) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(WrongUsage, match=name):
        tables.read(file)


def test_columns_are_known_by_their_usual_names_and_by_hand() -> None:
    heads = ["Klantnummer", "Bedrijfsnaam", "E-mailadres", "Postcode", "Btw-nummer", "Memo"]

    assert mapping.choose("contacts", heads, ()) == {
        "Klantnummer": "external_id",
        "Bedrijfsnaam": "name",
        "E-mailadres": "email",
        "Postcode": "address.postal_code",
        "Btw-nummer": "vat_id",
    }
    by_hand = mapping.choose("contacts", heads, ["Memo=name", "Postcode="])
    assert (by_hand["Memo"], "Bedrijfsnaam" in by_hand, "Postcode" in by_hand) == ("name", False, False)
    mapping.remember("contacts", heads, by_hand)
    assert mapping.choose("contacts", heads, ()) == by_hand
    for wrong in ("Nope=name", "Memo=colour", "Memo"):
        with pytest.raises(WrongUsage):
            mapping.choose("contacts", heads, [wrong])
    with pytest.raises(WrongUsage, match="name"):
        mapping.choose("contacts", ["Memo"], ())


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("€ 1 234,50", "1234.50"),
        ("-0,5", "-0.5"),
        ("1e3", "1000"),
        ("12", "12"),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, number: str) -> None:
    assert imports.decimal(text, "amount") == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-04-11", "2026-04-11"),
        ("11-4-2026", "2026-04-11"),
        ("11/04/2026 00:00", "2026-04-11"),
        ("11.04.2026", "2026-04-11"),
    ],
)
def test_days_are_read_as_people_write_them(text: str, day: str) -> None:
    assert imports.day(text, "issue_date") == day


@pytest.mark.parametrize("text", ["", "ten", "NaN", "Infinity", "1-2"])
def test_what_is_no_number_is_unfit(text: str) -> None:
    with pytest.raises(imports.Unfit, match="amount"):
        imports.decimal(text, "amount")


@pytest.mark.parametrize("text", ["31-02-2026", "2026-13-01", "11-4-26", "today"])
def test_what_is_no_day_is_unfit(text: str) -> None:
    with pytest.raises(imports.Unfit, match="due_date"):
        imports.day(text, "due_date")


def test_contacts_and_products_are_planned_row_by_row() -> None:
    same = {name: name for name in ("name", "email", "country", "address.city", "external_id")}
    rows = [
        {"name": "A", "email": "a@b.nl", "country": "nl", "address.city": "Delft", "external_id": "1"},
        {"name": "", "email": "", "country": "", "address.city": "", "external_id": "2"},
        {"name": "C", "email": "none", "country": "", "address.city": "", "external_id": ""},
        {"name": "D", "email": "", "country": "Nederland", "address.city": "", "external_id": ""},
        {"name": "E", "email": "", "country": "", "address.city": "", "external_id": "1"},
    ]

    items, unfit = imports.plan("contacts", rows, same, None, True)
    products, bad = imports.plan(
        "products",
        [{"n": "A", "p": "1,50"}, {"n": "B", "p": "x"}],
        {"n": "name", "p": "unit_price"},
        "21",
        True,
    )

    assert [item.body for item in items] == [
        {"name": "A", "email": "a@b.nl", "country": "NL", "external_id": "1", "address": {"city": "Delft"}}
    ]
    assert unfit == {
        3: "name: is empty",
        4: "email: none is no address",
        5: "country: NEDERLAND is no code of two letters",
        6: "1 stands in row 2 already",
    }
    assert [item.body for item in products] == [{"name": "A", "unit_price": "1.50", "tax_rate": "21"}]
    assert bad == {3: "unit_price: x is no number"}


def test_rows_of_one_number_are_one_invoice_and_an_open_item_is_one_line() -> None:
    names = ("number", "contact.name", "issue_date", "description", "quantity", "unit_price", "tax_rate")
    same = {name: name for name in names}
    base = {"number": "F1", "contact.name": "A", "issue_date": "1-2-2026", "quantity": "", "tax_rate": "21%"}
    rows = [
        {**base, "description": "One", "unit_price": "10"},
        {**base, "number": "", "description": "Alone", "unit_price": "5"},
        {**base, "description": "Two", "unit_price": "2,5", "quantity": "3"},
        {**base, "number": "F2", "description": "Bad", "unit_price": "x"},
    ]

    items, unfit = imports.plan("invoices", rows, same, None, True)
    [open_item], _ = imports.plan(
        "open-items",
        [{"n": "F9", "c": "7", "a": "99,95", "d": "2026-01-31"}],
        {"n": "number", "c": "contact.external_id", "a": "amount", "d": "due_date"},
        None,
        False,
    )

    assert [(item.rows, item.body.get("number"), len(item.body["lines"])) for item in items] == [
        ((2, 4), "F1", 2),
        ((3,), None, 1),
    ]
    assert items[0].body["lines"][1] == {
        "description": "Two",
        "unit_price": "2.5",
        "quantity": "3",
        "tax_rate": "21",
    }
    assert (items[0].body["issue_date"], items[0].contact) == ("2026-02-01", {"name": "A"})
    assert unfit == {5: "unit_price: x is no number"}
    assert open_item.body == {
        "lines": [{"description": "Open item F9", "quantity": "1", "unit_price": "99.95"}],
        "status": "draft",
        "number": "F9",
        "due_date": "2026-01-31",
    }
    assert open_item.contact == {"external_id": "7"}


def test_a_row_is_flat_in_a_csv_and_never_a_formula() -> None:
    row = {
        "id": 1,
        "contact": {"name": "A", "address": {"city": "B"}},
        "lines": [{"a": 1}],
        "empty": {},
        "none": None,
    }

    flat = exports.flatten(row)

    assert flat["contact.address.city"] == "B"
    assert json.loads(flat["lines"]) == [{"a": 1}]
    assert [exports.guarded(text) for text in ("=1+1", "@x", "-5.0", "+31201234567", "-x", "a=b", None)] == [
        "'=1+1",
        "'@x",
        "-5.0",
        "+31201234567",
        "'-x",
        "a=b",
        None,
    ]
