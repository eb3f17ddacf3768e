"""How an endpoint is doing: what came back, how fast, what waits, what was given up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.webhook_delivery.common.domain.real_time import real_now
from services.webhook_delivery.deliveries.domain.delivery import STATE_CODES, Fault, State
from services.webhook_delivery.deliveries.repository import endpoint_stats as repository
from services.webhook_delivery.endpoints.repository import endpoints
from shared.events.fields import Instant
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.work import Work
from shared.postgres.pool import Row

router = APIRouter(prefix="/v1", route_class=Route, tags=["webhook endpoints"])
ROUTERS = (router,)
MAX_HOURS = 24 * 30


class EndpointStats(BaseModel):
    """Figures of the last hours; at most the newest 100,000 attempts are counted."""

    since: Instant
    attempt_count: int
    success_count: int
    outcomes: dict[str, int] = Field(description="Attempts by HTTP status, or by why there was no answer.")
    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None
    last_success_at: Instant | None
    last_failure_at: Instant | None
    pending_count: int = Field(description="Waiting now.")
    head_age_seconds: int | None = Field(
        description="How old the first message in line is; with ordering fifo it holds back the others."
    )
    exhausted_count: int
    held_count: int


@router.get("/webhook-endpoints/{endpoint_id}/stats", dependencies=[require("webhooks:read")])
async def stats(
    endpoint_id: UUID, work: Work, hours: Annotated[int, Query(ge=1, le=MAX_HOURS)] = 24
) -> EndpointStats:
    """How the endpoint did in the last hours."""
    now, tx, workspace_id = real_now(), work.tx, work.workspace_id
    since = now - timedelta(hours=hours)
    await endpoints.get(tx, workspace_id, endpoint_id)
    rows = await repository.outcomes(tx, workspace_id, endpoint_id, since)
    quantiles = await repository.quantiles_ms(tx, workspace_id, endpoint_id, since) or (None, None, None)
    pending_count, oldest_at = await repository.waiting(tx, workspace_id, endpoint_id)
    failed = await repository.failed(tx, workspace_id, endpoint_id, since)
    arrived = [row for row in rows if row["outcome"].startswith("2")]
    others = [row for row in rows if not row["outcome"].startswith("2")]
    return EndpointStats(
        since=since,
        attempt_count=sum(row["count"] for row in rows),
        success_count=sum(row["count"] for row in arrived),
        outcomes={_word(row["outcome"]): row["count"] for row in rows},
        p50_ms=quantiles[0],
        p95_ms=quantiles[1],
        p99_ms=quantiles[2],
        last_success_at=_newest(arrived),
        last_failure_at=_newest(others),
        pending_count=pending_count,
        head_age_seconds=int((now - oldest_at).total_seconds()) if oldest_at else None,
        exhausted_count=failed.get(STATE_CODES[State.EXHAUSTED], 0),
        held_count=failed.get(STATE_CODES[State.HELD], 0),
    )


def _word(outcome: str) -> str:
    code = outcome.removeprefix("error-")
    return outcome if code == outcome else Fault(int(code)).name.lower()


def _newest(rows: Sequence[Row]) -> datetime | None:
    return max((row["last_at"] for row in rows), default=None)
