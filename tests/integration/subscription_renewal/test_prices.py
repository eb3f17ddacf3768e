"""The calculator over HTTP: the vectors again, and what it refuses."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.subscription_renewal.conftest import a_business
from tests.unit.subscription_renewal.vectors import vectors_with

TIE = {"price": {"model": "per_unit", "unit_price": "0.005"}, "quantity": "1", "currency": "EUR"}


async def test_an_estimate_says_the_rows_of_each_vector(client: httpx.AsyncClient) -> None:
    for name, vector in vectors_with("price", "quantity", "currency", "share").items():
        reply = await client.post("/v1/prices/estimate", json=vector["input"])

        assert reply.status_code == 200, reply.text
        said = reply.json()
        rows = [
            [row["what"], row["quantity"], row["unit_price"], row["amount_minor"]] for row in said["rows"]
        ]
        assert rows == vector["expect"]["rows"], name
        assert said["amount_minor"] == vector["expect"]["amount_minor"], name


async def test_it_rounds_as_the_business_does(
    client: httpx.AsyncClient, service: RunningService, who: Principal
) -> None:
    await a_business(service, who.workspace_id, rounding_mode="half_even")

    reply = await client.post("/v1/prices/estimate", json=TIE)

    assert reply.json()["amount_minor"] == 0


@pytest.mark.parametrize(
    "change, code, pointer",
    [
        (
            {"price": {"model": "volume", "tiers": [{"up_to": "1"}]}},
            "tiers_must_ascend",
            "/price/tiers/0/up_to",
        ),
        ({"price": {"model": "per_unit"}}, "invalid", "/price/per_unit/unit_price"),
        ({"price": {"model": "per_unit", "unit_price": "-1"}}, "invalid", "/price/per_unit/unit_price"),
        ({"price": {"model": "per_unit", "unit_price": "NaN"}}, "invalid", "/price/per_unit/unit_price"),
        ({"price": {"model": "auction"}}, "invalid", "/price"),
        (
            {"price": {"model": "flat", "amount": "1", "minimum": "2"}},
            "invalid",
            "/price/flat/minimum",
        ),
        ({"quantity": "1e400"}, "invalid", "/quantity"),
        ({"share": "4/3"}, "invalid", "/share"),
        ({"share": "0/3"}, "invalid", "/share"),
        ({"share": "1/0"}, "invalid", "/share"),
        ({"currency": "XXX"}, "unknown_currency", "/currency"),
        (
            {"price": {"model": "per_unit", "unit_price": "1000000000000"}, "quantity": "1000000000000"},
            "amount_too_large",
            "/quantity",
        ),
    ],
)
async def test_what_cannot_be_priced_is_refused_by_its_field(
    client: httpx.AsyncClient, change: dict[str, Any], code: str, pointer: str
) -> None:
    reply = await client.post("/v1/prices/estimate", json=TIE | change)

    assert reply.status_code == 422, reply.text
    said = reply.json()
    assert (said["code"], said["errors"][0]["pointer"]) == (code, pointer)


async def test_it_takes_the_scope_of_plans(
    service: RunningService, a_principal: Callable[..., Principal]
) -> None:
    async with service.client(a_principal(scopes=frozenset({"subscriptions:read"}))) as stranger:
        reply = await stranger.post("/v1/prices/estimate", json=TIE)

    assert reply.status_code == 403
