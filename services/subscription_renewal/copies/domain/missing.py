"""What a request names and this service has not heard of, and what may not be billed any more."""

from collections.abc import Mapping
from uuid import UUID

from shared.kernel.errors import Conflict


class ContactArchived(Conflict):
    """The contact is archived: nothing new is billed to it."""

    code = "contact_archived"


class NotKnownHere(Exception):
    """The request needs what has not been heard of here; it may be under way, so its owner is asked."""

    def __init__(
        self, contact_id: UUID | None, products: Mapping[UUID, str], is_business_missing: bool = False
    ) -> None:
        self.contact_id = contact_id
        self.products = products
        """Where in the request each of the products stands."""
        self.is_business_missing = is_business_missing
        super().__init__(contact_id, products, is_business_missing)
