"""Contacts: the customers of a workspace. They are archived, never deleted."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import exceptions as stdnum_errors
from stdnum.eu import vat as eu_vat

from services.invoice.common.domain import electronic_address as addresses
from shared.events.contact import Address, ContactData, CreditBalance
from shared.events.invoice import ContactOnInvoice
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.unset import UNSET, Unset, applied, chosen

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    D = TypeVar("D", bound=DataclassInstance)
else:
    D = TypeVar("D")

COUNTRIES = phonenumbers.SUPPORTED_REGIONS
# RFC 5646: language, script, region (a country or a UN M.49 area) and variants.
_LANGUAGE_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(-(?P<script>[a-z]{4}))?(-(?P<region>[a-z]{2}|\d{3}))?"
    r"(?P<variants>(-([a-z\d]{5,8}|\d[a-z\d]{3}))*)",
    re.IGNORECASE | re.ASCII,
)


class ContactExternalIdTaken(Conflict):
    """Another contact of the workspace has this external_id."""

    code = "contact_external_id_taken"


class ContactArchived(Conflict):
    """The contact is archived: it gets no new documents."""

    code = "contact_archived"


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer of one workspace, at one version."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    email: str | None = None
    phone: str | None = None
    address: Address | None = None
    country: str | None = None
    locale: str | None = None
    vat_id: str | None = None
    e_invoice_address: str | None = None
    external_id: str | None = None
    tags: list[str] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    archived_at: datetime | None = None
    credit_balances: tuple[CreditBalance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEdit:
    """What is said of a new contact, or changed of one."""

    name: str | Unset = UNSET
    email: str | Unset | None = UNSET
    phone: str | Unset | None = UNSET
    address: Address | Unset | None = UNSET
    country: str | Unset | None = UNSET
    locale: str | Unset | None = UNSET
    vat_id: str | Unset | None = UNSET
    e_invoice_address: str | Unset | None = UNSET
    external_id: str | Unset | None = UNSET
    tags: list[str] | Unset = UNSET
    metadata: dict[str, str] | Unset = UNSET


def new_contact(workspace_id: UUID, contact_id: UUID, details: ContactEdit, now: datetime) -> Contact:
    """A new contact; raises Invalid naming the field that does not hold."""
    contact = Contact(workspace_id, contact_id, 1, now, now, name="")
    return applied(normalize(details, None), to=contact)


def edit(contact: Contact, changes: ContactEdit, now: datetime) -> Contact:
    """The contact with these fields changed; raises Invalid naming the field that does not hold."""
    normal = normalize(changes, chosen(changes.country, contact.country))
    return next_version(applied(normal, to=contact), now)


def next_version(contact: Contact, now: datetime) -> Contact:
    """The same contact, once something of it or about it has changed."""
    return replace(contact, version=contact.version + 1, updated_at=now)


def archive(contact: Contact, now: datetime) -> Contact:
    """The contact, no longer offered for new documents; the same one where it is archived already."""
    return contact if contact.archived_at else next_version(replace(contact, archived_at=now), now)


def normalize(subject: D, country: str | None) -> D:
    """The subject with these fields in their normal form: e-mail (RFC 5321), phone (E.164), country,
    locale (BCP 47), VAT id, e-invoice address.

    `country` is whose phone numbers need no country code, where the subject has none of its own. Raises
    Invalid naming the field.
    """
    normal: dict[str, str] = {}
    for name, to_normal_form in _NORMAL_FORMS.items():
        value = getattr(subject, name, None)
        if isinstance(value, str) and value:
            normal[name] = to_normal_form(value, normal.get("country", country))
    return replace(subject, **normal) if normal else subject


def to_snapshot(contact: Contact) -> ContactData:
    """The contact as the public API and events show it."""
    return ContactData(
        id=contact.id,
        version=contact.version,
        created_at=contact.created_at,
        updated_at=contact.updated_at,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        address=contact.address,
        country=contact.country,
        locale=contact.locale,
        vat_id=contact.vat_id,
        e_invoice_address=contact.e_invoice_address,
        external_id=contact.external_id,
        tags=contact.tags,
        metadata=contact.metadata,
        archived_at=contact.archived_at,
        credit_balances=list(contact.credit_balances),
    )


def to_document(contact: Contact) -> ContactOnInvoice:
    """What of the contact stands on a document."""
    return ContactOnInvoice(
        id=contact.id,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        address=contact.address,
        country=contact.country,
        locale=contact.locale,
        vat_id=contact.vat_id,
        e_invoice_address=contact.e_invoice_address,
        external_id=contact.external_id,
    )


def require_active(contact: Contact) -> None:
    """Raise ContactArchived for an archived one."""
    if contact.archived_at:
        raise ContactArchived(field="contact_id")


def normalize_email(address: str) -> str:
    """The address in its normal form (RFC 5321); raises Invalid naming `email`."""
    try:
        return validate_email(address, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError as error:
        raise Invalid(str(error), field="email") from error


def _country(code: str, _: str | None) -> str:
    if code.upper() not in COUNTRIES:
        raise Invalid(f"{code} is not an ISO 3166-1 alpha-2 country code.", field="country")
    return code.upper()


def _locale(tag: str, _: str | None) -> str:
    parts = _LANGUAGE_TAG.fullmatch(tag)
    region = (parts["region"] or "").upper() if parts else ""
    if parts is None or (region.isalpha() and region not in COUNTRIES):
        raise Invalid(f"{tag} is not a BCP 47 language tag, such as fr or nl-BE.", field="locale")
    subtags = (parts["language"].lower(), (parts["script"] or "").title(), region)
    return "-".join(filter(None, subtags)) + parts["variants"].lower()


def _phone(number: str, country: str | None) -> str:
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException as error:
        raise Invalid(f"{error} Give it as +<country code><number>.", field="phone") from error
    if not phonenumbers.is_possible_number(parsed):
        raise Invalid("No such phone number is possible.", field="phone")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _vat_id(text: str, _: str | None) -> str:
    compact = text.replace(" ", "").replace(".", "").replace("-", "").upper()
    if compact.startswith("GR"):
        # Directive 2006/112, art. 215: Greek numbers begin with EL.
        compact = f"EL{compact[2:]}"
    if compact[:2].lower() not in eu_vat.MEMBER_STATES | {"el"}:
        return compact
    try:
        return str(eu_vat.validate(compact))
    except stdnum_errors.ValidationError as error:
        raise Invalid(f"Not a valid VAT number: {error}", field="vat_id") from error


_NORMAL_FORMS: Mapping[str, Callable[[str, str | None], str]] = {
    "country": _country,
    "email": lambda address, _: normalize_email(address),
    "phone": _phone,
    "locale": _locale,
    "vat_id": _vat_id,
    "e_invoice_address": lambda text, _: str(addresses.parse(text, "e_invoice_address")),
}
"""By field; the second argument is the country."""
