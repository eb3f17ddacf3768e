"""What is billed by what was used."""

from tests.story.tales import World, day


async def prices(world: World) -> None:
    """What fifteen thousand requests would cost."""
    tiers = [
        {"up_to": "1000", "unit_price": "0.10"},
        {"up_to": "10000", "unit_price": "0.05"},
        {"up_to": None, "unit_price": "0.01"},
    ]
    asked = {"price": {"model": "graduated", "tiers": tiers}, "quantity": "15000", "currency": "EUR"}
    await world.tell.post("/v1/prices/estimate", asked)


async def usage(world: World) -> None:
    """Tokens of requests: counted, told, looked at, and one of them taken back."""
    tell = world.tell
    meter = {
        "key": "tokens",
        "name": "Tokens",
        "type": "api.request",
        "aggregation": "sum",
        "value": "$.tokens",
        "filter": {"$.region": ["eu"]},
        "dimensions": ["model"],
        "scale": "1000",
        "counts_from": f"{day(-30)}T00:00:00Z",
    }
    await tell.post("/v1/meters", meter)
    await tell.get("/v1/meters")
    await tell.get("/v1/meters/tokens")
    await tell.patch("/v1/meters/tokens", {"name": "Tokens of requests"})
    event = {
        "specversion": "1.0",
        "id": "0197e1c2-7a50-7c11-9b1e-5d2f40a1c001",
        "source": "/gateway/eu-1",
        "type": "api.request",
        "subject": "acme",
        "time": f"{day(-1)}T10:37:22.120Z",
        "data": {"tokens": "1834", "model": "m1", "region": "eu"},
    }
    await tell.post("/v1/usage-events", event)
    wrong = {
        **event,
        "id": "0197e1c2-7a50-7c11-9b1e-5d2f40a1c002",
        "data": {"tokens": "many", "region": "eu"},
    }
    await tell.post("/v1/usage-events?partial=true", [wrong])
    await tell.get("/v1/usage-rejections")
    span = f"from={day(-2)}T00:00:00Z&before={day(1)}T00:00:00Z"
    await tell.get(f"/v1/usage-events?subject=acme&{span}")
    await tell.get(f"/v1/meters/tokens/usage?subject=acme&group_by=model&{span}")
    await tell.ask("GET", f"/v1/usage/export?{span}")
    await _metered_subscription(world)
    name = {name: event[name] for name in ("source", "id", "time")}
    await tell.post("/v1/usage-events/void", {"events": [name]})


async def _metered_subscription(world: World) -> None:
    tell, made = world.tell, world.made
    price = {"model": "per_unit", "unit_price": "0.40", "included": "1", "minimum": "5.00"}
    metered = {
        "contact_id": made["contact"],
        "currency": "EUR",
        "interval": "month",
        "charges": [{"key": "tokens", "meter": "tokens", "price": price, "tax_rate": "21"}],
        "usage_subjects": ["acme"],
        "start_at": f"{day(-2)}T00:00:00Z",
    }
    subscription = await tell.post("/v1/subscriptions", metered)
    await tell.get(f"/v1/subscriptions/{subscription['id']}/charges")
    await tell.get(f"/v1/subscriptions/{subscription['id']}/usage")


CHAPTERS = (prices, usage)
