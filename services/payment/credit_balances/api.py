"""HTTP in: what a workspace owes its contacts, to be read; only payments and invoices change it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.payment.credit_balances import domain as balance_rules
from services.payment.credit_balances import repository as credit_balances
from shared.events.payment import CreditBalanceData
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work

router = APIRouter(prefix="/v1/credit-balances", route_class=Route, tags=["credit balances"])
READ = require("payments:read")


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    contact_id: UUID | None = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
) -> Page[CreditBalanceData]:
    """List what the workspace owes its contacts: one balance for each contact and currency."""
    filters = credit_balances.CreditBalanceFilter(contact_id=contact_id, currency=currency)
    balances = await credit_balances.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(balances, balance_rules.snapshot)
