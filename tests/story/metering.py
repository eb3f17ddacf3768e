"""What is billed by what was used."""

from tests.story.tales import World


async def prices(world: World) -> None:
    """What fifteen thousand requests would cost."""
    tiers = [
        {"up_to": "1000", "unit_price": "0.10"},
        {"up_to": "10000", "unit_price": "0.05"},
        {"up_to": None, "unit_price": "0.01"},
    ]
    asked = {"price": {"model": "graduated", "tiers": tiers}, "quantity": "15000", "currency": "EUR"}
    await world.tell.post("/v1/prices/estimate", asked)


CHAPTERS = (prices,)
