"""What is billed again and again, and what happens when it is not paid."""

from datetime import UTC, datetime, timedelta

from tests.story.tales import World


async def subscriptions(world: World) -> None:
    """A licence each month: paused, changed, canceled."""
    tell, made = world.tell, world.made
    start = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0).isoformat()
    monthly = {
        "contact_id": made["contact"],
        "product_id": made["product"],
        "quantity": "1",
        "interval": "month",
    }
    later = await tell.post("/v1/subscriptions", {**monthly, "start_at": start, "external_id": "SUB-1"})
    path = f"/v1/subscriptions/{later['id']}"
    await tell.patch(path, {"payment_terms_days": 14})
    await tell.post(f"{path}/pause", {"keep_anchor": True})
    await tell.post(f"{path}/resume")
    await tell.get(path)
    await tell.get(f"/v1/subscriptions?contact_id={made['contact']}")
    now = await tell.post("/v1/subscriptions", monthly)
    made |= {"subscription": now["id"], "later": later["id"]}


async def runs(world: World) -> None:
    """The renewals of a day."""
    tell, made = world.tell, world.made
    later = (datetime.now(UTC) + timedelta(hours=2)).replace(microsecond=0).isoformat()
    await tell.post("/v1/sandbox/clock/advance", {"to": later})
    await tell.until("/v1/sandbox/clock", target=None)
    run = await tell.first("/v1/renewal-runs")
    await tell.get(f"/v1/renewal-runs/{run['id']}")
    await tell.post("/v1/renewal-runs/preview", {"limit": 10})
    await tell.post(f"/v1/renewal-runs/{run['id']}/pause", {"reason": "Controle"})
    await tell.post(f"/v1/renewal-runs/{run['id']}/resume")
    parked = {"subscription_id": made["subscription"]}
    await tell.ask("POST", f"/v1/renewal-runs/{run['id']}/retry", parked, may_refuse=True)
    path = f"/v1/subscriptions/{made['subscription']}"
    await tell.ask("POST", f"{path}/retry", {"catch_up": "all"}, may_refuse=True)
    await tell.first(f"{path}/periods")
    await tell.get("/v1/waiting-billings")
    change = {"product_id": made["product"], "quantity": "2", "policy": "next_period"}
    await tell.post(f"{path}/preview", change)
    await tell.post(f"{path}/change", change)
    await tell.post(f"/v1/subscriptions/{made['later']}/cancel", {"at": "now"})


async def dunning(world: World) -> None:
    """A card without money behind it."""
    tell, made = world.tell, world.made
    await tell.patch("/v1/dunning/settings", {"preset": "default"})
    await tell.get("/v1/dunning/settings")
    poor = await tell.post("/v1/contacts", {"name": "Krap BV", "email": "info@krap.example"})
    card = {"contact_id": poor["id"], "test_card": "insufficient"}
    await tell.post("/v1/payment-methods/setup-intents", card)
    charged = {"contact_id": poor["id"], "product_id": made["product"], "interval": "month"}
    await tell.post("/v1/subscriptions", {**charged, "collection_method": "charge_automatically"})
    campaign = await tell.first("/v1/dunning")
    await tell.get(f"/v1/dunning/{campaign['id']}")
    await tell.post(f"/v1/dunning/{campaign['id']}/stop")


CHAPTERS = (subscriptions, runs, dunning)
