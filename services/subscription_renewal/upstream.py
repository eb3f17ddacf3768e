"""Asks the invoice service for contacts, products and the business, when their events are still under way."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from services.subscription_renewal.copies.domain.business import Business
from services.subscription_renewal.copies.domain.contact import Contact
from services.subscription_renewal.copies.domain.product import Product
from shared.http.client import ServiceClient
from shared.kernel.errors import Unavailable

SCOPES = frozenset({"business:read", "contacts:read", "products:read"})
"""What a token for these questions must allow."""
T = TypeVar("T")


async def fetch_contact(client: ServiceClient, token: str, workspace_id: UUID, contact_id: UUID) -> Contact:
    """The contact; raises NotFound or Unavailable."""
    path = f"/v1/contacts/{contact_id}"
    return await _ask(client, path, token, lambda reply: Contact.of_reply(workspace_id, reply))


async def fetch_product(client: ServiceClient, token: str, workspace_id: UUID, product_id: UUID) -> Product:
    """The product; raises NotFound or Unavailable."""
    path = f"/v1/products/{product_id}"
    return await _ask(client, path, token, lambda reply: Product.of_reply(workspace_id, reply))


async def fetch_business(client: ServiceClient, token: str, workspace_id: UUID) -> Business:
    """The business profile, or the defaults where nothing was said yet; raises Unavailable."""
    return await _ask(client, "/v1/business", token, lambda reply: Business.of_reply(workspace_id, reply))


async def _ask(client: ServiceClient, path: str, token: str, read: Callable[[object], T]) -> T:
    try:
        return read(await client.get(path, token))
    except (ValueError, LookupError, TypeError) as error:
        raise Unavailable("The invoice service's answer cannot be read.", retry_after_seconds=5) from error
