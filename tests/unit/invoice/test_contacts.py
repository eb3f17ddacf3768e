"""Contacts: the normal forms of what is said of them."""

import pytest

from services.invoice.domain import contact as contact_rules
from shared.kernel.errors import Invalid


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
    assert contact_rules.checked({"locale": given}, None) == {"locale": kept}


@pytest.mark.parametrize("given", ["nl_NL", "dutch", "n", "nl-", "nl-XX", "nl-NL-x", "fr FR", "fr-FR\n"])
def test_a_locale_that_is_no_language_tag_is_refused(given: str) -> None:
    with pytest.raises(Invalid, match="BCP 47") as caught:
        contact_rules.checked({"locale": given}, None)

    assert caught.value.errors[0].pointer == "/locale"
