"""HTTP in: what a payer's bank does at the sandbox provider after a payment. Sandbox workspaces only."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request, status
from pydantic import BaseModel, Field, StringConstraints

from services.payment.collections.repository import collections
from services.payment.common.api import Tools, WithTools
from services.payment.providers.provider import SANDBOX
from services.payment.refunds.repository import refunds, sendings
from services.payment.sandbox.providers.effects import Refused
from services.payment.sandbox.providers.engine import Engine
from services.payment.sandbox.providers.store import Document
from shared.http.fields import Body, PositiveMinor
from shared.http.idempotency import Route
from shared.http.internal_auth import Principal, Who, require
from shared.kernel.errors import Conflict, Invalid
from shared.postgres.transaction import Database

router = APIRouter(prefix="/v1/sandbox", route_class=Route, tags=["sandbox"])
WRITE = require("sandbox:write")
Word = Annotated[str, StringConstraints(pattern="^[a-z_]{1,50}$")]


class NotASandbox(Conflict):
    """Only in a sandbox workspace can a bank be told what to do."""

    code = "not_a_sandbox"


class NotOfTheSandboxProvider(Conflict):
    """The sandbox provider has no charge or refund of this: another one took the money, or none did yet."""

    code = "not_of_the_sandbox_provider"


class DisputeIsDecided(Conflict):
    """There is no dispute that waits for a decision, or there is one already."""

    code = "dispute_state"


class NewDispute(Body):
    """What the payer's bank takes back."""

    amount_minor: PositiveMinor | None = Field(None, description="All that was charged where not given.")
    reason: Word = Field("fraudulent", description="A word of the bank's.", examples=["product_not_received"])


class Decision(Body):
    """What the payer's bank decides: `won`, so the money comes back to the workspace, or `lost`."""

    outcome: Literal["won", "lost"]


class Failure(Body):
    """Why the payer's bank sent the refund back."""

    reason: Word = "lost_or_stolen_card"


class AtProvider(BaseModel):
    """What the sandbox provider says now; the payment follows within seconds, as after a webhook."""

    reference: str = Field(description="The provider's id of the dispute or refund.")
    status: str
    amount_minor: int


@router.post(
    "/payments/{payment_id}/dispute",
    status_code=status.HTTP_201_CREATED,
    dependencies=[WRITE],
)
async def dispute(
    payment_id: UUID, body: NewDispute, request: Request, who: Who, tools: WithTools
) -> AtProvider:
    """Let the payer's bank dispute a payment that the sandbox provider collected: it takes the money back."""
    engine = _engine(who, tools)
    intent = await _intent(request, who, payment_id)
    charged = sum(charge["amount"] for charge in await engine.find("charge", intent))
    if not charged:
        raise NotOfTheSandboxProvider(field="payment_id")
    if (body.amount_minor or 0) > charged:
        raise Invalid(f"The charge was {charged}.", field="amount_minor", charged_minor=charged)
    if await _find_undecided(engine, intent):
        raise DisputeIsDecided("The payment is disputed already.", field="payment_id")
    return _reply((await engine.open_dispute(intent, body.amount_minor, body.reason)).document)


@router.post(
    "/payments/{payment_id}/decide-dispute",
    dependencies=[WRITE],
    summary="Decide the dispute of a payment of the sandbox",
)
async def decide(
    payment_id: UUID, body: Decision, request: Request, who: Who, tools: WithTools
) -> AtProvider:
    """Let the payer's bank decide the dispute of a payment; when it is won, the money comes back."""
    engine = _engine(who, tools)
    dispute_id = await _find_undecided(engine, await _intent(request, who, payment_id))
    if dispute_id is None:
        raise DisputeIsDecided("The payment has no dispute that waits.", field="payment_id")
    return _reply((await engine.decide_dispute(dispute_id, body.outcome)).document)


@router.post("/refunds/{refund_id}/fail", dependencies=[WRITE], summary="Let a refund of the sandbox fail")
async def fail(refund_id: UUID, body: Failure, request: Request, who: Who, tools: WithTools) -> AtProvider:
    """Let a refund that the sandbox provider has sent come back from the payer's bank."""
    engine = _engine(who, tools)
    database: Database = request.app.state.database
    async with database.transaction(who.workspace_id) as tx:
        await refunds.get(tx, who.workspace_id, refund_id)
        reference = await sendings.reference_of(tx, who.workspace_id, refund_id)
    try:
        return _reply((await engine.fail_refund(reference or "", body.reason)).document)
    except Refused as error:
        raise NotOfTheSandboxProvider(field="refund_id") from error


def _engine(who: Principal, tools: Tools) -> Engine:
    if who.mode != "sandbox":
        raise NotASandbox
    return tools.providers.sandbox_of(who.workspace_id).engine


async def _intent(request: Request, who: Principal, payment_id: UUID) -> str:
    """The sandbox provider's intent of the payment; raises NotFound or NotOfTheSandboxProvider."""
    database: Database = request.app.state.database
    async with database.transaction(who.workspace_id) as tx:
        provider, reference = await collections.reference_of(tx, who.workspace_id, payment_id)
    if provider != SANDBOX or reference is None:
        raise NotOfTheSandboxProvider(field="payment_id")
    return reference


async def _find_undecided(engine: Engine, intent: str) -> str | None:
    disputes = await engine.find("dispute", intent)
    return next((dispute["id"] for dispute in disputes if dispute["status"] not in ("won", "lost")), None)


def _reply(document: Document) -> AtProvider:
    return AtProvider(reference=document["id"], status=document["status"], amount_minor=document["amount"])
