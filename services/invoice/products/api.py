"""Products: create, list, get, change, archive."""

from dataclasses import replace
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import Field

from services.invoice.lines.api import MAX_TAXES, TaxFields
from services.invoice.products import domain as product_rules
from services.invoice.products import operations
from services.invoice.products import repository as products
from services.invoice.products.domain import Product, ProductEdit
from services.invoice.products.repository import ProductFilter
from shared.events.product import ProductData, TaxBehavior, TaxCategory
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, Currency, LongText, Metadata, Name, Price, Rate, ShortText
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.pagination import Page, Sliced
from shared.http.queries import searched
from shared.http.work import Work
from shared.kernel.unset import edit_of
from shared.postgres import search

router = APIRouter(prefix="/v1/products", route_class=Route, tags=["products"])
READ, WRITE = require("products:read"), require("products:write")
Search = Annotated[str | None, Query(max_length=200, description=searched("name or sku"))]


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

    def edit(self) -> ProductEdit:
        """The fields that were sent."""
        if "taxes" not in self.model_fields_set:
            return edit_of(ProductEdit, self)
        return edit_of(ProductEdit, self, taxes=tuple(levied.to_tax() for levied in self.taxes))


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


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def create(body: NewProduct, response: Response, work: Work, who: Who) -> ProductData:
    """Create a product."""
    details = replace(body.edit(), currency=body.currency or who.currency)
    return _reply(await operations.create_product(work, details), response)


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    q: Search = None,
    sku: Annotated[str | None, Query(max_length=200)] = None,
    archived: Annotated[bool | None, Query()] = None,
) -> Page[ProductData]:
    """List products, newest first."""
    filters = ProductFilter(**search.terms(q), sku=sku, is_archived=archived)
    rows = await products.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(rows, product_rules.to_snapshot)


@router.get("/{product_id}", dependencies=[READ])
async def get(product_id: UUID, response: Response, work: Work) -> ProductData:
    """Get a product."""
    return _reply(await products.get(work.tx, work.workspace_id, product_id), response)


@router.patch("/{product_id}", dependencies=[WRITE])
async def change(
    product_id: UUID, body: ProductChanges, response: Response, expected: IfMatch, work: Work
) -> ProductData:
    """Change the fields that are given; invoices that name the product stay as they are."""
    return _reply(await operations.change_product(work, product_id, body.edit(), expected), response)


@router.delete("/{product_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def archive(product_id: UUID, work: Work) -> Response:
    """Archive a product; documents that name it stay."""
    await operations.archive_product(work, product_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def _reply(product: Product, response: Response) -> ProductData:
    etag.tag(response, product.version)
    return product_rules.to_snapshot(product)
