"""What a released template prints stays as it was, to the byte, whatever newer ones do."""

import hashlib
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.invoice.documents.rendering import pdf
from services.invoice.lines.domain.discount import Discount
from tests.unit.invoice.papers import a_buyer, a_computed_paper, a_seller

# Without its VAT number a seller who charges VAT has no e-invoice, whose data would be part of the bytes.
SELLER = a_seller(vat_id=None)
ITEMS: list[dict[str, Any]] = [
    {"unit_price": Decimal("12.345"), "quantity": Decimal(3), "unit": "h", "description": "Café 😀"},
    {"tax_rate": Decimal(9), "discount": Discount(percent=Decimal(10))},
    {"tax_rate": Decimal(0), "tax_category": "AE", "tax_exemption_reason": "Reverse charge"},
]


def a_paper(locale: str) -> Any:
    return a_computed_paper(*ITEMS, seller=SELLER, buyer=a_buyer(id=UUID(int=7), locale=locale), notes="Dank")


@pytest.mark.parametrize(
    ("locale", "sha256"),
    [
        ("nl", "41693d73722ca033621455643008657b78664e8ee233e48646219a2f6ad16c2c"),
        # There was no German then: such a customer read English.
        ("de", "f3ec9c6e30a8eddebe0ec4a731eeb9fa3f591d40eaf264d31e4408d65d4a0757"),
    ],
)
def test_documents_of_the_first_template_keep_their_bytes(locale: str, sha256: str) -> None:
    made = pdf.render_pdf(a_paper(locale), None, 1)

    assert (made.is_archival, made.is_factur_x) == (True, False)
    assert hashlib.sha256(made.content).hexdigest() == sha256
