"""What subscriptions know of the products that they sell."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self
from uuid import UUID

from shared.events import reading
from shared.events.product import ProductData, TaxBehavior, TaxCategory


@dataclass(frozen=True, slots=True)
class Product:
    """A copy of a product at one sequence of its events; prices in major units, rates in percent."""

    workspace_id: UUID
    product_id: UUID
    sequence: int
    name: str
    description: str | None
    unit: str | None
    unit_price: Decimal
    currency: str
    tax_rate: Decimal
    tax_category: TaxCategory | None
    tax_behavior: TaxBehavior
    is_archived: bool
    tax_exemption_reason: str | None = None

    @classmethod
    def of(cls, workspace_id: UUID, data: ProductData) -> Self:
        """The copy that the event's snapshot makes."""
        return cls(
            workspace_id=workspace_id,
            product_id=data.id,
            sequence=data.version,
            name=data.name,
            description=data.description,
            unit=data.unit,
            unit_price=data.unit_price,
            currency=data.currency,
            tax_rate=data.tax_rate,
            tax_category=data.tax_category,
            tax_behavior=data.tax_behavior,
            is_archived=data.archived_at is not None,
            tax_exemption_reason=data.tax_exemption_reason,
        )

    @classmethod
    def of_reply(cls, workspace_id: UUID, reply: object) -> Self:
        """The copy that the invoice service's own answer makes; raises ValueError where it is not one."""
        return cls.of(workspace_id, reading.read_reply(ProductData, reply))
