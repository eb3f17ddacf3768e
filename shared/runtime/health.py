"""`/livez` and `/readyz`: alive is about this process, ready about what it needs to take work."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response

from shared.messaging.broker import TopicSubscriber
from shared.messaging.consumer import Consumer
from shared.postgres.revisions import head
from shared.runtime.settings import Role

if TYPE_CHECKING:
    from shared.runtime.service import Parts

CHECK_TIMEOUT_SECONDS = 2.0
STUCK_AFTER_SECONDS = 60.0


def add_routes(app: FastAPI, service: str, role: Role) -> None:
    """Add the two routes; they need no credential."""
    started = time.monotonic()

    @app.get("/livez", include_in_schema=False)
    async def livez(request: Request) -> Response:
        subscription = request.app.state.parts.subscription
        is_stuck = (
            subscription is not None
            and time.monotonic() - started > STUCK_AFTER_SECONDS
            and request.app.state.parts.tasks.get("subscription") is not None
            and request.app.state.parts.tasks["subscription"].done()
            and not subscription.is_alive
        )
        return _reply("stuck" if is_stuck else "alive", not is_stuck, {})

    @app.get("/readyz", include_in_schema=False)
    async def readyz(request: Request) -> Response:
        parts = request.app.state.parts
        checks = {"postgres": await _postgres(parts, service)}
        needed = dict(checks)
        if parts.subscription:
            checks["consumer"] = _consumer(parts.consumer, parts.subscription)
        if role == "worker":
            needed = checks
        is_ready = not parts.is_stopping and all(check["ok"] for check in needed.values())
        return _reply("ready" if is_ready else "not ready", is_ready, checks)


async def _postgres(parts: "Parts", service: str) -> dict[str, object]:
    """Whether the database answers with the schema that this code expects, or a newer one."""
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
            async with parts.api.pool.acquire() as connection:
                revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    except Exception as error:
        return {"ok": False, "detail": repr(error)}
    return {"ok": (revision or "") >= head(service), "revision": revision}


def _consumer(consumer: Consumer, subscription: TopicSubscriber) -> dict[str, object]:
    if consumer.has_stopped:
        return {"ok": False, "detail": "too many events failed: see the dead-letter topic"}
    count = subscription.partition_count
    return {"ok": count > 0, "partitions": count}


def _reply(status: str, is_good: bool, checks: Mapping[str, object]) -> Response:
    body = json.dumps({"status": status, "checks": checks})
    return Response(body, 200 if is_good else 503, media_type="application/json")
