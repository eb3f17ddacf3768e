"""HTTP in: payment methods. They are attached through setup intents; a card number never comes here."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import Field

from services.payment.payment_methods import domain as rules
from services.payment.payment_methods import operations
from services.payment.payment_methods.domain import MethodEdit
from services.payment.payment_methods.repository import payment_methods
from shared.events.payment_method import PaymentMethodData, PaymentMethodStatus
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, Metadata, Whole, optional
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.errors import Invalid
from shared.kernel.unset import edit_of

router = APIRouter(prefix="/v1/payment-methods", route_class=Route, tags=["payment methods"])
READ, WRITE = require("payments:read"), require("payments:write")


class MethodChanges(Body):
    """What can be changed of a method."""

    is_default: bool = optional()
    metadata: Metadata = optional()
    exp_month: Annotated[Whole, Field(ge=1, le=12)] = optional()
    exp_year: Annotated[Whole, Field(ge=2000, le=2199)] = optional()


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    contact_id: UUID | None = None,
    type: Annotated[str | None, Query(max_length=50)] = None,
    status: PaymentMethodStatus | None = None,
    is_default: bool | None = None,
    deleted: Annotated[bool, Query(description="Show deleted ones, too.")] = False,
) -> Page[PaymentMethodData]:
    """List payment methods, newest first."""
    filters = payment_methods.PaymentMethodFilter(
        contact_id=contact_id,
        type=type,
        status=status,
        is_default=is_default,
        is_deleted=None if deleted else False,
    )
    methods = await payment_methods.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(methods, rules.snapshot)


@router.get("/{method_id}", dependencies=[READ])
async def get(method_id: UUID, response: Response, work: Work) -> PaymentMethodData:
    """Get a payment method, deleted or not."""
    method = await payment_methods.get(work.tx, work.workspace_id, method_id)
    etag.tag(response, method.version)
    return rules.snapshot(method)


@router.patch("/{method_id}", dependencies=[WRITE])
async def change(
    method_id: UUID, body: MethodChanges, response: Response, work: Work, if_match: IfMatch
) -> PaymentMethodData:
    """Change metadata or when it expires, or make it the default of its contact."""
    if "is_default" in body.model_fields_set and not body.is_default:
        raise Invalid("Make another method the default instead.", field="is_default")
    method = await operations.change_method(work, method_id, edit_of(MethodEdit, body), if_match)
    etag.tag(response, method.version)
    return rules.snapshot(method)


@router.delete("/{method_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def delete(method_id: UUID, work: Work, if_match: IfMatch) -> None:
    """Delete it softly; it is detached at the provider soon after."""
    await operations.delete_method(work, method_id, if_match)
