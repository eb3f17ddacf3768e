"""Products: `unit_price_incl` is a price with its tax, `unit_price` one without; PUT edits what it names."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from services.gateway.dialects.common.dialect import (
    Ask,
    Body,
    Call,
    Operation,
    Reply,
    Translation,
    asked,
    reply_with,
)
from services.gateway.dialects.common.fields import Instant, Number, Uuid, number, price, renamed, text_of
from services.gateway.dialects.paydock.fields import LIMIT, OFFSET, Page, page, part_of_list
from shared.kernel.errors import Invalid, NotFound

TAG = "Products"
PATH = "/v1/products"
EXAMPLE = {
    "name": "Spont POS Licentie",
    "description": "Licentie per maand",
    "sku": "POS-1",
    "unit": "maand",
    "unit_price_incl": Decimal("89.00"),
    "tax_percentage": 21,
}


class ProductChanges(Body):
    """What may be said of a product; at most one of the two prices."""

    name: str | None = None
    description: str | None = None
    sku: str | None = None
    unit: str | None = None
    unit_price_incl: Number | None = None
    unit_price: Number | None = None
    tax_percentage: Number | None = None


class NewProduct(ProductChanges):
    """A product to create; it has one of the two prices."""

    name: str


class Product(BaseModel):
    """A product; the price that it does not have is null."""

    id: Uuid
    name: str
    description: str | None
    sku: str | None
    unit: str | None
    unit_price_incl: Number | None
    unit_price: Number | None
    tax_percentage: Number
    currency: str
    created_at: Instant
    updated_at: Instant


def create(call: Call) -> Translation:
    """POST /products"""
    body: NewProduct = call.body
    if body.unit_price is None and body.unit_price_incl is None:
        raise Invalid("A product needs unit_price_incl or unit_price.", field="unit_price_incl")
    ask = Ask("POST", PATH, body=_ours(body), headers=call.only("idempotency-key"))
    ours = yield from asked(ask, _pointers(body))
    return reply_with(to_reply(ours.body), 201)


def list_(call: Call) -> Translation:
    """GET /products"""
    ours = yield Ask("GET", PATH, [*part_of_list(call), ("archived", "false")])
    return page(call, ours, [to_reply(product) for product in ours.body["data"]])


def get(call: Call) -> Translation:
    """GET /products/{id}: an archived product counts as deleted here."""
    ours = yield Ask("GET", f"{PATH}/{call.id}")
    if ours.body["archived_at"]:
        raise NotFound
    return reply_with(to_reply(ours.body))


def update(call: Call) -> Translation:
    """PUT /products/{id}"""
    ask = Ask("PATCH", f"{PATH}/{call.id}", body=_ours(call.body), headers=call.only("if-match"))
    ours = yield from asked(ask, _pointers(call.body))
    return reply_with(to_reply(ours.body))


def delete(call: Call) -> Translation:
    """DELETE /products/{id}: archives, since documents go on naming it."""
    yield Ask("DELETE", f"{PATH}/{call.id}")
    return Reply(204)


def to_reply(ours: Mapping[str, Any]) -> Product:
    """Their product."""
    same = ("id", "name", "description", "sku", "unit", "currency", "created_at", "updated_at")
    return Product(
        **{name: ours[name] for name in same},
        **prices(ours["unit_price"], ours["tax_behavior"], ours["currency"]),
        tax_percentage=number(ours["tax_rate"]),
    )


def prices(unit_price: str | None, tax_behavior: str | None, currency: str) -> dict[str, Any]:
    """Our price under the name that says whether its tax is in it."""
    shown = price(unit_price, currency)
    is_inclusive = tax_behavior == "inclusive"
    return {
        "unit_price_incl": shown if is_inclusive else None,
        "unit_price": None if is_inclusive else shown,
    }


def our_price(unit_price_incl: Any, unit_price: Any, field: str = "unit_price") -> dict[str, Any]:
    """One price of theirs as ours; raises Invalid where both are given, naming `field`."""
    if unit_price_incl is not None and unit_price is not None:
        raise Invalid("Give either unit_price_incl or unit_price.", field=field)
    if unit_price_incl is not None:
        return {"unit_price": text_of(unit_price_incl), "tax_behavior": "inclusive"}
    if unit_price is not None:
        return {"unit_price": text_of(unit_price), "tax_behavior": "exclusive"}
    return {}


def _ours(body: ProductChanges) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True)
    made: dict[str, Any] = {
        name: given[name] for name in ("name", "description", "sku", "unit") if name in given
    }
    if body.tax_percentage is not None:
        made["tax_rate"] = text_of(body.tax_percentage)
    return made | our_price(body.unit_price_incl, body.unit_price)


def _pointers(body: ProductChanges) -> Any:
    names = {"tax_rate": "tax_percentage"}
    if body.unit_price is None:
        names["unit_price"] = "unit_price_incl"
    return lambda pointer: renamed(names, pointer)


OPERATIONS = (
    Operation(
        "listProducts", "GET", "/products", TAG, "List all products", list_,
        query=(LIMIT, OFFSET), reply=Page[Product],
    ),
    Operation(
        "createProduct", "POST", "/products", TAG, "Create product", create,
        status=201, request=NewProduct, reply=Product, example=EXAMPLE,
    ),
    Operation("getProduct", "GET", "/products/{id}", TAG, "Get product", get, reply=Product),
    Operation(
        "updateProduct", "PUT", "/products/{id}", TAG, "Update product", update,
        request=ProductChanges, reply=Product, example={"unit_price_incl": Decimal("95.00")},
    ),
    Operation("deleteProduct", "DELETE", "/products/{id}", TAG, "Delete product", delete, status=204),
)  # fmt: skip
