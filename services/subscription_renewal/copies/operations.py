"""Copies of what the invoice service owns, stored when it was asked for them."""

from collections.abc import Sequence

from services.subscription_renewal.copies.domain.business import Business
from services.subscription_renewal.copies.domain.contact import Contact
from services.subscription_renewal.copies.domain.product import Product
from services.subscription_renewal.copies.repository import businesses, contacts, products
from shared.postgres.pool import Connection


async def store_copies(
    tx: Connection, contact: Contact | None, found: Sequence[Product], business: Business | None
) -> None:
    """Keep these snapshots, where none newer is here."""
    if contact:
        await contacts.store(tx, contact)
    if business:
        await businesses.store(tx, business)
    for product in found:
        await products.store(tx, product)
