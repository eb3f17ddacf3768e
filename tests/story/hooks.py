"""What integrators hear: endpoints, messages, deliveries, and sending again."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.story.tales import World

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


async def listening(world: World) -> None:
    """An endpoint that hears everything from now on."""
    fields = {"url": world.hooks_url, "event_types": ["*"], "description": "Boekhouding"}
    endpoint = await world.tell.post("/v1/webhook-endpoints", fields)
    world.made["endpoint"] = endpoint["id"]


async def endpoints(world: World) -> None:
    """Paused, disabled, tested; its secret shown, replaced, rotated."""
    tell, path = world.tell, f"/v1/webhook-endpoints/{world.made['endpoint']}"
    await tell.patch(path, {"timeout_seconds": 10})
    await tell.post(f"{path}/pause")
    await tell.post(f"{path}/disable", {"reason": "Verhuizing"})
    await tell.post(f"{path}/enable")
    await tell.post(f"{path}/test")
    await tell.get(f"{path}/secret")
    await tell.post(f"{path}/secret", {"secret": SECRET})
    await tell.post(f"{path}/secret/rotate", {"overlap_seconds": 3600})
    await tell.get(f"{path}/stats")
    await tell.get(path)
    await tell.get("/v1/webhook-endpoints")
    fields = {"url": world.hooks_url, "event_types": ["order.*"]}
    other = await tell.post("/v1/webhook-endpoints", fields)
    await tell.delete(f"/v1/webhook-endpoints/{other['id']}")


async def messages(world: World) -> None:
    """An event of the integrator's own, and how it arrived."""
    tell = world.tell
    event = {"event_type": "order.packed", "data": {"order": "B-77"}, "event_id": "order-77-packed"}
    message = await tell.post("/v1/messages", event)
    path = f"/v1/messages/{message['id']}"
    attempt = await tell.first(f"{path}/attempts")
    await tell.get(path)
    await tell.get("/v1/messages?limit=2")
    await tell.get("/v1/deliveries?state=delivered&limit=2")
    delivery = f"/v1/deliveries/{attempt['delivery_id']}"
    await tell.get(delivery)
    await tell.get(f"{delivery}/attempts")
    await tell.post(f"{delivery}/resend")
    await tell.get("/v1/events?limit=2&wait=5&types=order.*,contact.*&resends=true")
    await tell.get("/v1/event-types")
    await tell.get("/v1/event-types/contact.created")


async def jobs(world: World) -> None:
    """Sending again in bulk."""
    tell, path = world.tell, f"/v1/webhook-endpoints/{world.made['endpoint']}"
    since: dict[str, Any] = {"since": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
    job = await tell.post(f"{path}/recover", since)
    await tell.until(f"{path}/jobs/{job['id']}", status="done")
    await tell.post(f"{path}/replay", {**since, "only_missing": True})
    await tell.get(f"{path}/jobs")
    await tell.ask("POST", f"{path}/jobs/{job['id']}/cancel", may_refuse=True)


CHAPTERS = (endpoints, messages, jobs)
