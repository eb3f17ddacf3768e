"""What a request names and this service has not heard of, and what may not be billed any more."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from shared.kernel.errors import Conflict


class ContactArchived(Conflict):
    """The contact is archived: nothing new is billed to it."""

    code = "contact_archived"


class NotKnownHere(Exception):
    """The request needs what has not been heard of here; it may be under way, so its owner is asked."""

    def __init__(
        self,
        contact_id: UUID | None,
        product_ids: Sequence[UUID],
        lines: Sequence[Mapping[str, Any]],
        is_business_missing: bool = False,
    ) -> None:
        self.contact_id = contact_id
        self.product_ids = product_ids
        self.is_business_missing = is_business_missing
        self._lines = lines
        super().__init__(contact_id, product_ids, is_business_missing)

    def field_of(self, product_id: UUID) -> str:
        """Where in the request the product stands."""
        index = next(index for index, line in enumerate(self._lines) if line.get("product_id") == product_id)
        return f"{place_of(self._lines[index], index)}product_id"


def place_of(line: Mapping[str, Any], index: int) -> str:
    """What stands before the fields of a line in the request: `lines.0.`, or its own `place`."""
    return str(line.get("place", f"lines.{index}."))
