"""The public API's description: that of the services, merged with the gateway's own."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.integration.gateway.conftest import Gateway


async def test_the_description_holds_what_the_services_describe(gateway: Gateway) -> None:
    operation = {"responses": {"200": {"description": "OK"}}}
    described = {"paths": {"/v1/contacts": {"get": operation}, "/internal/x": {"get": operation}}}
    for upstream in gateway.behind.values():
        upstream.answer("GET /openapi.json", 200, described)
    async with gateway.service.client() as client:
        merged = (await client.get("/openapi.json")).json()
        await client.get("/openapi.json")

    OpenAPIV31SpecValidator(merged).validate()
    assert "/v1/contacts" in merged["paths"]
    assert {"/v1/workspaces", "/v1/api-keys", "/v1/sandbox/clock/advance"} <= merged["paths"].keys()
    assert "/v1/client-portal/{external_id}" in merged["paths"]
    assert not [path for path in merged["paths"] if not path.startswith("/v1/")]
    assert "x-unavailable" not in merged
    assert [len(upstream.seen) for upstream in gateway.behind.values()] == [1, 1, 1, 1]
    tokens = [upstream.seen[0].headers["authorization"] for upstream in gateway.behind.values()]
    assert {gateway.service.tokens.verify(text.removeprefix("Bearer ")).scopes for text in tokens} == {
        frozenset()
    }


async def test_a_service_that_is_away_is_named_and_asked_again(gateway: Gateway) -> None:
    async with gateway.service.client() as client:
        first = (await client.get("/openapi.json")).json()
        await client.get("/openapi.json")

    assert first["x-unavailable"] == ["invoice", "payment", "subscription_renewal", "webhook_delivery"]
    assert len(gateway.behind["invoice"].seen) == 2
