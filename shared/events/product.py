"""Facts about products: what a workspace sells."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.events.event import Event, Snapshot
from shared.events.fields import DecimalText, Instant

TaxBehavior = Literal["exclusive", "inclusive"]
# UNCL5305 as EN 16931 uses it: standard, zero, exempt, reverse charge, intra-community, export, out of scope.
TaxCategory = Literal["S", "Z", "E", "AE", "K", "G", "O"]


class Tax(BaseModel):
    """One of several taxes on the same thing, each on the price without any of them."""

    model_config = ConfigDict(frozen=True)

    tax_rate: DecimalText = Field(description="Percent.")
    tax_category: TaxCategory | None = None
    tax_exemption_reason: str | None = None
    name: str | None = Field(None, description="What it is called where there are several, such as GST.")


class ProductData(Snapshot):
    """Something that the workspace sells, with its price of today."""

    path: ClassVar[str] = "/v1/products/{id}"

    name: str
    description: str | None = None
    sku: str | None = None
    unit: str | None = None
    unit_price: DecimalText = Field(description="In major units of `currency`, up to 12 decimals.")
    currency: str
    tax_rate: DecimalText = Field(description="Percent; of several taxes the sum.")
    tax_category: TaxCategory | None = None
    tax_exemption_reason: str | None = Field(None, description="Said where its category has no tax.")
    tax_behavior: TaxBehavior
    taxes: list[Tax] = Field([], description="Where there are several; empty where tax_rate is the one.")
    metadata: dict[str, str] = {}
    archived_at: Instant | None = None


class ProductCreated(Event):
    """A product was created."""

    type: ClassVar[str] = "product.created"
    source: ClassVar[str] = "/invoice"
    data: ProductData


class ProductUpdated(Event):
    """A product was changed."""

    type: ClassVar[str] = "product.updated"
    source: ClassVar[str] = "/invoice"
    data: ProductData


class ProductDeleted(Event):
    """A product was archived."""

    type: ClassVar[str] = "product.deleted"
    source: ClassVar[str] = "/invoice"
    data: ProductData
