"""Contacts: the normal forms of what is said of them."""

from datetime import UTC, datetime

import pytest

from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import BusinessEdit
from services.invoice.contacts import domain as contact_rules
from services.invoice.contacts.domain import ContactEdit
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("fr", "fr"),
        ("NL-be", "nl-BE"),
        ("nb", "nb"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-CH-1996", "de-CH-1996"),
    ],
)
def test_a_locale_is_kept_in_its_normal_form(given: str, kept: str) -> None:
    assert contact_rules.normalize(ContactEdit(locale=given), None) == ContactEdit(locale=kept)


@pytest.mark.parametrize("given", ["nl_NL", "dutch", "n", "nl-", "nl-XX", "nl-NL-x", "fr FR", "fr-FR\n"])
def test_a_locale_that_is_no_language_tag_is_refused(given: str) -> None:
    with pytest.raises(Invalid, match="BCP 47") as caught:
        contact_rules.normalize(ContactEdit(locale=given), None)

    assert caught.value.errors[0].pointer == "/locale"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("GR 094259216", "EL094259216"),
        ("gr094259216", "EL094259216"),
        ("EL094259216", "EL094259216"),
        ("NL 1234.56.782 B90", "NL123456782B90"),
    ],
)
def test_a_vat_number_is_kept_as_its_country_writes_it(given: str, kept: str) -> None:
    assert contact_rules.normalize(ContactEdit(vat_id=given), "GR") == ContactEdit(vat_id=kept)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        # The usual published example: no list of Belgian banks has its bank.
        ("BE68 5390 0754 7034", "BE68539007547034"),
        ("NL91 ABNA 0417 1643 00", "NL91ABNA0417164300"),
        ("PL61 1090 1014 0000 0712 1981 2874", "PL61109010140000071219812874"),
    ],
)
def test_an_iban_is_judged_by_its_check_digits_and_not_by_a_list_of_banks(given: str, kept: str) -> None:
    business = business_rules.new_business(new_id(), "EUR", datetime(2026, 1, 1, tzinfo=UTC))

    assert business_rules.edit(business, BusinessEdit(iban=given), business.created_at).iban == kept


@pytest.mark.parametrize("given", ["BE68539007547035", "BE6853900754703", "XX68539007547034", "BE"])
def test_an_iban_with_wrong_check_digits_or_of_another_length_is_refused(given: str) -> None:
    business = business_rules.new_business(new_id(), "EUR", datetime(2026, 1, 1, tzinfo=UTC))

    with pytest.raises(Invalid) as caught:
        business_rules.edit(business, BusinessEdit(iban=given), business.created_at)

    assert caught.value.errors[0].pointer == "/iban"
