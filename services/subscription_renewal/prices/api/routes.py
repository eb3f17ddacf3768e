"""What a quantity costs at a price: the calculator behind every charge, without any effect."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.subscription_renewal.copies.repository import businesses
from services.subscription_renewal.prices.api.bodies import Estimate, price_of
from services.subscription_renewal.prices.domain import rating
from services.subscription_renewal.prices.domain.rating import Row, RowKind, Used
from shared.events.fields import DecimalText
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.work import Work
from shared.kernel.pricing import USUAL_ROUNDING, Arithmetic

router = APIRouter(prefix="/v1/prices", route_class=Route, tags=["prices"])
READ = require("plans:read")


class PricedRow(BaseModel):
    """Quantity × unit price, rounded once."""

    what: str = Field(description="The kind in words, with its tier.", examples=["tier 2", "tier 2 flat"])
    kind: RowKind
    tier: int | None = Field(description="Which tier it is of, counted from 1.")
    quantity: DecimalText
    unit_price: DecimalText = Field(description="In major units.")
    amount_minor: int

    @classmethod
    def of(cls, row: Row) -> "PricedRow":
        """The row, told."""
        return cls(
            what=_what(row),
            kind=row.kind,
            tier=row.tier,
            quantity=row.quantity,
            unit_price=row.unit_price,
            amount_minor=row.amount_minor,
        )


class EstimateReply(BaseModel):
    """What a quantity costs, before tax where prices exclude it."""

    currency: str
    rows: list[PricedRow]
    amount_minor: int = Field(description="The sum of the rows, in minor units.")


@router.post("/estimate", dependencies=[READ])
async def estimate(body: Estimate, work: Work) -> EstimateReply:
    """What a quantity costs at a price: the rows that an invoice would have, rounded as its business does."""
    rounding = await businesses.rounding(work.tx, work.workspace_id)
    arithmetic = Arithmetic(body.currency, rounding or USUAL_ROUNDING)
    price = price_of(body.price, "price.")
    rows = rating.rate(price, Used(body.quantity, body.events), arithmetic, body.part())
    return EstimateReply(
        currency=body.currency,
        rows=[PricedRow.of(row) for row in rows],
        amount_minor=rating.total_minor(rows),
    )


def _what(row: Row) -> str:
    if row.tier is None:
        return row.kind
    return f"tier {row.tier} flat" if row.kind == "flat" else f"tier {row.tier}"
