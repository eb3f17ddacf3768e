"""Trying an endpoint out: one real, signed attempt whose outcome is the reply."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Request

from services.webhook_delivery.common.api.dependencies import Toolbox, Tools
from services.webhook_delivery.deliveries.api.attempts import AttemptReply
from services.webhook_delivery.deliveries.api.dependencies import TransportTool
from services.webhook_delivery.deliveries.channels.sender import attempt
from services.webhook_delivery.deliveries.domain.delivery import (
    AttemptKind,
    Delivery,
    Outcome,
    State,
    Verdict,
)
from services.webhook_delivery.deliveries.repository import attempts
from services.webhook_delivery.endpoints.domain.target import Target
from services.webhook_delivery.endpoints.operations.secrets import load_targets
from services.webhook_delivery.endpoints.repository import endpoints
from services.webhook_delivery.message_store import domain as message_rules
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.kernel import context
from shared.kernel.ids import new_id
from shared.postgres.transaction import Database

router = APIRouter(prefix="/v1", route_class=Route, tags=["webhook endpoints"])
ROUTERS = (router,)


@router.post(
    "/webhook-endpoints/{endpoint_id}/test",
    dependencies=[require("webhooks:write")],
    summary="Send a test event to a webhook endpoint",
)
async def test(
    endpoint_id: UUID, who: Who, request: Request, tools: Toolbox, transport: TransportTool
) -> AttemptReply:
    """Send `webhook_endpoint.test` now and wait for the answer, also to a disabled endpoint.

    No transaction is open while the receiver thinks, so an Idempotency-Key is not kept for this one.
    """
    database: Database = request.app.state.database
    target = await _target(database, who.workspace_id, endpoint_id, tools)
    outcome = _ended(await attempt(transport, target, _delivery(target)))
    async with database.transaction(who.workspace_id) as tx:
        await attempts.insert(tx, [outcome])
    return AttemptReply.of_outcome(outcome)


async def _target(database: Database, workspace_id: UUID, endpoint_id: UUID, tools: Tools) -> Target:
    async with database.transaction(workspace_id) as tx:
        endpoint = await endpoints.get(tx, workspace_id, endpoint_id)
        return (await load_targets(tx, [(workspace_id, endpoint.id)], tools.ring))[endpoint.id]


def _delivery(target: Target) -> Delivery:
    workspace_id = target.endpoint.workspace_id
    message = message_rules.message_of_test(workspace_id, target.id, datetime.now(UTC))
    return Delivery(
        id=new_id(),
        workspace_id=workspace_id,
        endpoint_id=target.id,
        message_id=message.id,
        message_created_at=message.created_at,
        attempt_count=0,
        kind=AttemptKind.TEST,
        lease_token=None,
        event_type=message.event_type,
        traceparent=context.traceparent.get(),
        body=message.body,
    )


def _ended(outcome: Outcome) -> Outcome:
    state = State.DELIVERED if outcome.result.is_success else State.EXHAUSTED
    return replace(outcome, verdict=Verdict(state))
