"""HTTP in: products."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import Field

from services.invoice.lines.api import MAX_TAXES, TaxFields
from services.invoice.products import domain as product_rules
from services.invoice.products import operations
from services.invoice.products import repository as products
from shared.events.product import ProductData, TaxBehavior, TaxCategory
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, Currency, LongText, Metadata, Name, Price, Rate, ShortText
from shared.http.idempotency import Route
from shared.http.internal_auth import Now, Who, require
from shared.http.pagination import Page, Sliced
from shared.http.transactions import Tx

router = APIRouter(prefix="/v1/products", route_class=Route, tags=["products"])
READ, WRITE = require("products:read"), require("products:write")


class ProductFields(Body):
    """What may be said of a product besides its price."""

    description: LongText | None = None
    sku: Name | None = Field(None, description="Your own code for it; unique.")
    unit: ShortText | None = Field(None, examples=["hour"])
    tax_category: TaxCategory | None = None
    tax_exemption_reason: ShortText | None = Field(None, description="Said where the category has no tax.")
    taxes: list[TaxFields] = Field(
        [], max_length=MAX_TAXES, description="Several taxes, in the place of tax_rate and tax_category."
    )
    metadata: Metadata = {}


class NewProduct(ProductFields):
    """A product to create."""

    name: Name
    unit_price: Price = Field(description="In major units, up to 12 decimals.")
    currency: Currency | None = Field(None, description="ISO 4217; the workspace's where not given.")
    tax_rate: Rate = Field(Decimal(0), description="Percent.")
    tax_behavior: TaxBehavior = "exclusive"


class ProductChanges(ProductFields):
    """The fields to change; null clears one that may be empty."""

    # Factories, since a default that is never used has no place in the description of the API.
    name: Name = Field(default_factory=str)
    unit_price: Price = Field(default_factory=Decimal)
    currency: Currency = Field(default_factory=str)
    tax_rate: Rate = Field(default_factory=Decimal)
    tax_behavior: TaxBehavior = "exclusive"


@router.post("", status_code=status.HTTP_201_CREATED, response_model=ProductData, dependencies=[WRITE])
async def create(body: NewProduct, response: Response, tx: Tx, who: Who, clock: Now) -> Any:
    """Create a product."""
    fields = body.model_dump() | {"currency": body.currency or who.currency}
    product = await operations.create_product(tx, who.workspace_id, fields, clock)
    etag.tag(response, product.version)
    return product_rules.to_snapshot(product)


@router.get("", response_model=Page[ProductData], dependencies=[READ])
async def list_(
    part: Sliced,
    tx: Tx,
    who: Who,
    q: Annotated[str | None, Query(max_length=200, description="Part of name or sku.")] = None,
    sku: Annotated[str | None, Query(max_length=200)] = None,
    archived: Annotated[bool | None, Query()] = None,
) -> Any:
    """List products, newest first."""
    filters = {"q": q, "sku": sku, "archived": archived, **part.rows()}
    found = await products.find(tx, who.workspace_id, filters)
    total = await products.count(tx, who.workspace_id, filters) if part.wants_total else None
    return part.page([product_rules.to_snapshot(product) for product in found], total)


@router.get("/{product_id}", response_model=ProductData, dependencies=[READ])
async def get(product_id: UUID, response: Response, tx: Tx, who: Who) -> Any:
    """Get a product."""
    product = await products.get(tx, who.workspace_id, product_id)
    etag.tag(response, product.version)
    return product_rules.to_snapshot(product)


@router.patch("/{product_id}", response_model=ProductData, dependencies=[WRITE])
async def change(
    product_id: UUID,
    body: ProductChanges,
    response: Response,
    expected: IfMatch,
    tx: Tx,
    who: Who,
    clock: Now,
) -> Any:
    """Change the fields that are given; invoices that name the product stay as they are."""
    fields = body.model_dump(exclude_unset=True)
    product = await operations.change_product(tx, who.workspace_id, product_id, fields, clock, expected)
    etag.tag(response, product.version)
    return product_rules.to_snapshot(product)


@router.delete("/{product_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def archive(product_id: UUID, tx: Tx, who: Who, clock: Now) -> Response:
    """Archive a product; documents that name it stay."""
    await operations.archive_product(tx, who.workspace_id, product_id, clock)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
