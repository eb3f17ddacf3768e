"""The business: who sells, and how its documents are made."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from stdnum import bic as bic_rules
from stdnum import exceptions as stdnum_errors
from stdnum import iban as iban_rules

from services.invoice.common.domain import public_link
from services.invoice.contacts import domain as contact_rules
from services.invoice.numbers import domain as numbering
from services.invoice.numbers.domain import Format
from shared.events.business import BusinessData
from shared.events.contact import Address
from shared.events.invoice import Seller
from shared.kernel import money
from shared.kernel.errors import Invalid
from shared.kernel.pricing import Rounding, RoundingLevel, RoundingMode
from shared.kernel.unset import UNSET, Unset, applied, chosen


@dataclass(frozen=True, slots=True)
class Business:
    """The seller's profile of one workspace, at one version."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    currency: str
    address: Address | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None
    vat_id: str | None = None
    tax_number: str | None = None
    registration_number: str | None = None
    iban: str | None = None
    bic: str | None = None
    logo_url: str | None = None
    logo_sha256: str | None = None
    payment_terms_days: int = 30
    rounding_level: RoundingLevel = "total"
    rounding_mode: RoundingMode = "half_up"
    number_formats: dict[str, str] = field(default_factory=lambda: dict(numbering.DEFAULT_FORMATS))

    @property
    def rounding(self) -> Rounding:
        """Where and how new documents round tax."""
        return Rounding(self.rounding_level, self.rounding_mode)

    def format(self, series: str) -> Format:
        """How numbers of the series are written."""
        return Format(series, self.number_formats[series])


def new_business(workspace_id: UUID, currency: str, now: datetime) -> Business:
    """The profile of a workspace that has said nothing yet; it has the workspace's id."""
    return Business(workspace_id, workspace_id, 1, now, now, name="", currency=currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessEdit:
    """What is changed of the profile; `number_formats` by series, the others stay."""

    name: str | Unset = UNSET
    address: Address | Unset | None = UNSET
    country: str | Unset | None = UNSET
    email: str | Unset | None = UNSET
    phone: str | Unset | None = UNSET
    vat_id: str | Unset | None = UNSET
    tax_number: str | Unset | None = UNSET
    registration_number: str | Unset | None = UNSET
    iban: str | Unset | None = UNSET
    bic: str | Unset | None = UNSET
    logo_url: str | Unset | None = UNSET
    currency: str | Unset = UNSET
    payment_terms_days: int | Unset = UNSET
    rounding_level: RoundingLevel | Unset = UNSET
    rounding_mode: RoundingMode | Unset = UNSET
    number_formats: dict[str, str] | Unset = UNSET


def edit(business: Business, changes: BusinessEdit, now: datetime) -> Business:
    """The profile with these fields changed; raises Invalid or UnknownCurrency naming the field."""
    normal = contact_rules.normalize(changes, chosen(changes.country, business.country))
    if not isinstance(normal.currency, Unset):
        money.exponent(normal.currency)
    if normal.iban:
        # Its check digits alone: a bank may be newer than any list of banks.
        is_iban = partial(iban_rules.validate, check_country=False)
        normal = replace(normal, iban=_valid(is_iban, normal.iban, "iban"))
    if normal.bic:
        normal = replace(normal, bic=_valid(bic_rules.validate, normal.bic, "bic"))
    if not isinstance(normal.number_formats, Unset):
        formats = numbering.merge_formats(business.number_formats, normal.number_formats)
        normal = replace(normal, number_formats=formats)
    changed = applied(normal, to=business)
    if changed.logo_url != business.logo_url:
        # One that lies elsewhere: documents of ours do not show what may change any day.
        changed = replace(changed, logo_sha256=None)
    return replace(changed, version=business.version + 1, updated_at=now)


def with_logo(business: Business, sha256: str | None, now: datetime) -> Business:
    """The profile with this uploaded logo, or with none; the same profile when it has that already."""
    url = public_link.logo_url(business.workspace_id, sha256) if sha256 else None
    if (business.logo_sha256, business.logo_url) == (sha256, url):
        return business
    return replace(business, logo_sha256=sha256, logo_url=url, version=business.version + 1, updated_at=now)


def name_after(business: Business, name: str | None) -> Business:
    """The profile with the name of its workspace, where it has none of its own."""
    return business if business.name or not name else replace(business, name=name)


def to_snapshot(business: Business) -> BusinessData:
    """The profile as the public API and events show it."""
    return BusinessData(**{name: getattr(business, name) for name in BusinessData.model_fields})


def to_seller(business: Business) -> Seller | None:
    """What of the business stands on a document; None while it has no name."""
    if not business.name:
        return None
    return Seller(**{name: getattr(business, name) for name in Seller.model_fields})


def _valid(validate: Callable[[str], object], text: str, name: str) -> str:
    try:
        return str(validate(text))
    except stdnum_errors.ValidationError as error:
        raise Invalid(f"Not a valid {name.upper()}: {error}", field=name) from error
