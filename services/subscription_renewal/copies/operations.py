"""Copies of what the invoice service owns, stored when it was asked for them."""

from collections.abc import Sequence

from services.subscription_renewal.copies.domain.business import Business
from services.subscription_renewal.copies.domain.contact import Contact
from services.subscription_renewal.copies.domain.product import Product
from services.subscription_renewal.copies.repository import businesses, contacts, products
from shared.messaging.work import Unit


async def store_copies(
    unit: Unit, contact: Contact | None, found: Sequence[Product], business: Business | None
) -> None:
    """Keep these snapshots, where none newer is here."""
    if contact:
        await contacts.store(unit.tx, contact)
    if business:
        await businesses.store(unit.tx, business)
    for product in found:
        await products.store(unit.tx, product)
