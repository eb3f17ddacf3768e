"""Which field a broken rule is about: refusals name what is missing."""

import re

import pytest

from services.invoice.e_invoices.domain import rule_fields
from services.invoice.e_invoices.validation.rule_sets import BUNDLED, content
from shared.events.e_invoice import EInvoiceFinding
from tests.unit.invoice.papers import a_buyer, a_computed_paper, a_seller

_RULE = re.compile(r"\[(?P<rule>[A-Z][A-Za-z0-9-]+)\]")


def a_finding(rule: str, severity: str = "fatal") -> EInvoiceFinding:
    return EInvoiceFinding.model_validate(
        {"rule": rule, "severity": severity, "message": "It is broken.", "location": "/"}
    )


def test_every_rule_that_has_a_field_is_one_of_the_rules_in_force() -> None:
    sheets = [content(sheet).decode() for sheet in BUNDLED.glob("*.xslt.xz")]
    known = {rule for sheet in sheets for rule in _RULE.findall(sheet)}

    assert set(rule_fields._FIELDS) <= known


@pytest.mark.parametrize(
    ("rule", "pointers"),
    [
        ("DE-R-002", ["/seller/phone"]),
        ("NL-R-002", ["/seller/address/line1", "/seller/address/city", "/seller/address/postal_code"]),
        ("BR-IC-02", ["/contact/vat_id"]),
        # Nothing is missing, so that it may be any of what the rule is about.
        ("BR-CO-09", ["/seller/vat_id", "/contact/vat_id"]),
        ("BR-CO-15", []),
    ],
)
def test_what_a_rule_misses_is_named(rule: str, pointers: list[str]) -> None:
    buyer = a_buyer(vat_id="BE0403170701" if rule == "BR-CO-09" else None)
    document = a_computed_paper(seller=a_seller(phone=None, address=None), buyer=buyer)

    assert list(rule_fields.pointers(rule, document)) == pointers


def test_a_refusal_names_each_fatal_rule_once_and_where_it_is_about_no_field_the_document() -> None:
    findings = [
        a_finding("BR-CO-15"),
        a_finding("BR-CO-15"),
        a_finding("DE-R-002"),
        a_finding("DE-R-028", "warning"),
    ]

    refused = rule_fields.refusal_of(findings, a_computed_paper(seller=a_seller(phone=None)), "/invoice_id")

    assert refused.facts["rules"] == ["BR-CO-15", "DE-R-002"]
    assert [error.pointer for error in refused.errors] == ["/invoice_id", "/seller/phone"]
