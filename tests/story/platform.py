"""The workspace itself: its keys, its members, its clock, its customers' portal, and who did what."""

from shared.kernel.ids import new_id
from tests.story.tales import World
from tests.story.telling import Telling


async def keys(world: World) -> None:
    """A key for the shop's till: made, replaced, revoked."""
    tell = world.tell
    till = {"name": "Kassa", "scopes": ["invoices:read", "payments:write"]}
    key = await tell.post("/v1/api-keys", till)
    new = await tell.post(f"/v1/api-keys/{key['id']}/rotate", {"grace_seconds": 3600})
    await tell.get(f"/v1/api-keys/{new['id']}")
    await tell.get("/v1/api-keys")
    await tell.delete(f"/v1/api-keys/{key['id']}")


async def members(world: World) -> None:
    """A bookkeeper who may look."""
    tell = world.tell
    member = {"issuer": "billing-local", "subject": "ada@example.com", "role": "viewer"}
    made = await tell.post("/v1/memberships", member)
    await tell.get("/v1/memberships")
    await tell.delete(f"/v1/memberships/{made['id']}")


async def at_last(world: World) -> None:
    """All of one customer at once, and what was done."""
    tell = world.tell
    await tell.get("/v1/client-portal/CRM-12345")
    await tell.get(f"/v1/explain/{world.made['invoice']}")
    await tell.get(f"/v1/audit-log?resource_id={world.made['contact']}")


CHAPTERS = (keys, members, at_last)


async def administration(world: World) -> None:
    """Workspaces, which the platform's admin token makes."""
    tell = Telling(world.tell.apis, world.admin)
    fields = {"slug": f"winkel-{new_id().hex[-12:]}", "name": "Winkel BV", "mode": "sandbox"}
    made = await tell.post("/v1/workspaces", fields)
    await tell.patch(f"/v1/workspaces/{made['id']}", {"name": "Winkel Jansen BV"})
    await tell.get(f"/v1/workspaces/{made['id']}")
    await tell.get("/v1/workspaces?limit=1")
    await _operating(tell, made["id"])
    world.tell.exchanges += tell.exchanges


async def _operating(tell: Telling, workspace_id: str) -> None:
    """A workspace whose events wait, one of them tried again, one dropped, and all the others resumed."""
    lane = f"/v1/event-lanes/webhook_delivery/{workspace_id}"
    await tell.post(f"{lane}/set-aside", {"reason": "The shop moves to another system."})
    for name in ("Winkel Pietersen BV", "Winkel Klaassen BV"):
        await tell.patch(f"/v1/workspaces/{workspace_id}", {"name": name})
        path = f"/v1/dead-letters?service=webhook_delivery&workspace_id={workspace_id}&limit=1"
        letter = await tell.first(path)
        one = f"/v1/dead-letters/webhook_delivery/{letter['id']}"
        await tell.get(one)
        if name == "Winkel Pietersen BV":
            await tell.post(f"{one}/drop", {"reason": "Its name was mistyped."})
        else:
            await tell.post(f"{one}/replay")
    await tell.get("/v1/event-lanes?service=webhook_delivery")
    await tell.post(f"{lane}/resume")
