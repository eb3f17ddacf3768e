"""Electronic addresses (EN 16931 BT-34 and BT-49): a scheme of ISO 6523 or Peppol's EAS list, and an id."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stdnum import ean
from stdnum import exceptions as stdnum_errors
from stdnum.be import vat as be_vat
from stdnum.ch import vat as ch_vat
from stdnum.dk import cvr
from stdnum.eu import vat as eu_vat
from stdnum.fi import alv, ytunnus
from stdnum.fr import siren, siret
from stdnum.gb import vat as gb_vat
from stdnum.gr import vat as gr_vat
from stdnum.it import iva
from stdnum.no import orgnr
from stdnum.se import orgnr as se_orgnr

from services.invoice.common.domain.electronic_address_schemes import EMAIL, EN_16931
from shared.kernel.errors import Invalid

__all__ = ["EMAIL", "NoSuchAddress", "Participant", "new_participant", "parse"]
_SCHEME = re.compile(r"[0-9]{4}|EM")
_ID = re.compile(r"[!-~]{1,100}")


class NoSuchAddress(Invalid):
    """This is not an electronic address: a scheme and an id that has the scheme's form."""

    code = "no_such_e_invoice_address"


@dataclass(frozen=True, slots=True)
class Participant:
    """Who sends or receives, such as 0106 and 12345678; written `0106:12345678`."""

    scheme: str
    id: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.id}"

    @classmethod
    def from_text(cls, text: str) -> "Participant":
        """The one that was stored as this text, unchecked; `parse` checks what callers write."""
        scheme, _, identifier = text.partition(":")
        return cls(scheme, identifier)


def new_participant(scheme: str, identifier: str, field: str) -> Participant:
    """The address in its normal form; raises NoSuchAddress naming the field.

    No rule of EN 16931 or Peppol computes every check digit, so that a wrong one would be found only by the
    network, or by nobody.
    """
    identifier = "".join(identifier.split())
    if not _SCHEME.fullmatch(scheme) or not _ID.fullmatch(identifier):
        raise NoSuchAddress(field=field)
    if scheme not in EN_16931:
        raise NoSuchAddress(f"{scheme} is no scheme of electronic addresses, or not any more.", field=field)
    rule = _RULES.get(scheme)
    if rule and not _holds(rule, identifier):
        raise NoSuchAddress(f"{identifier} is no valid identifier of the scheme {scheme}.", field=field)
    return Participant(scheme, identifier)


def parse(text: str, field: str) -> Participant:
    """The address in `scheme:id`; raises NoSuchAddress."""
    scheme, _, identifier = text.strip().partition(":")
    return new_participant(scheme, identifier, field)


def _holds(rule: Callable[[str], object], identifier: str) -> bool:
    try:
        return rule(identifier) is not False
    except stdnum_errors.ValidationError:
        return False


def _kvk(identifier: str) -> bool:
    # The Dutch register of companies has no check digit.
    return bool(re.fullmatch(r"[0-9]{8}", identifier))


def _vat(identifier: str) -> object:
    country = identifier[:2].lower()
    if country == "gb":
        return gb_vat.validate(identifier)
    if country == "ch":
        return ch_vat.validate(identifier)
    return eu_vat.validate(identifier) if country in eu_vat.MEMBER_STATES | {"el"} else None


def _ovt(identifier: str) -> object:
    # 0037 stands for the tax administration, then the business id; what follows is the receiver's own.
    matched = re.fullmatch(r"0037[0-9]{8}[0-9A-Za-z]{0,5}", identifier)
    return matched is not None and ytunnus.validate(identifier[4:12])


def _greek(identifier: str) -> object:
    return gr_vat.validate(identifier.removeprefix("EL"))


def _siren(identifier: str) -> object:
    # 0225 may have a suffix of the receiver's own after the SIREN.
    return siren.validate(identifier.partition("_")[0][:9])


_VAT_SCHEMES = (
    "9910 9914 9920 9925 9926 9927 9928 9929 9930 9931 9932 9934 9935 9937 9938 9939 9943 9944 9945 "
    "9946 9947 9949 9950 9957"
).split()
_RULES: Mapping[str, Callable[[str], object]] = {
    "0002": siren.validate,
    "0007": se_orgnr.validate,
    "0009": siret.validate,
    "0088": ean.validate,
    "0106": _kvk,
    "0184": lambda identifier: cvr.validate(identifier.removeprefix("DK")),
    "0192": orgnr.validate,
    "0208": be_vat.validate,
    "0211": iva.validate,
    "0213": alv.validate,
    "0216": _ovt,
    "0225": _siren,
    "9933": _greek,
    **dict.fromkeys(_VAT_SCHEMES, _vat),
}
