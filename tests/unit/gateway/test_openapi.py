"""One description out of several; and a dialect's schemas in the words of OpenAPI 3.0."""

from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from services.gateway.descriptions.api.openapi import merge
from services.gateway.dialects.common.openapi import to_3_0

A_TEXT: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}
A_NUMBER: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "integer"}}}


def _description(path: str, **schemas: Any) -> dict[str, Any]:
    name = next(iter(schemas))
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    operation = {"responses": {"200": {"description": "OK", "content": content}}}
    return {"paths": {path: {"get": operation}}, "components": {"schemas": schemas}}


def _schema_of(merged: Any, path: str) -> Any:
    response = merged["paths"][path]["get"]["responses"]["200"]
    return response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]


def test_the_services_contribute_their_public_paths() -> None:
    merged = merge(
        {
            "gateway": _description("/v1/workspaces", Workspace=A_TEXT),
            "invoice": _description("/v1/invoices/{id}", Invoice=A_TEXT)
            | {"paths": {"/v1/invoices/{id}": {}, "/internal/x": {}, "/v1/payments": {}, "/livez": {}}},
        }
    )

    OpenAPIV31SpecValidator(merged).validate()
    assert sorted(merged["paths"]) == ["/v1/invoices/{id}", "/v1/workspaces"]
    assert {"ApiKey": []} in merged["security"]


def test_equal_schemas_are_shared_and_different_ones_are_told_apart() -> None:
    merged = merge(
        {
            "invoice": _description("/v1/invoices", Page=A_TEXT, Same=A_TEXT),
            "payment": _description("/v1/payments", Page=A_NUMBER, Same=A_TEXT),
            "subscription_renewal": _description("/v1/subscriptions", Page=A_TEXT),
        }
    )

    assert sorted(merged["components"]["schemas"]) == ["Page", "PaymentPage", "Same"]
    assert _schema_of(merged, "/v1/invoices") == "Page"
    assert _schema_of(merged, "/v1/payments") == "PaymentPage"
    assert _schema_of(merged, "/v1/subscriptions") == "Page"


def test_a_schema_differs_where_one_that_it_names_does() -> None:
    names_it = {"type": "array", "items": {"$ref": "#/components/schemas/Line"}}
    merged = merge(
        {
            "invoice": _description("/v1/invoices", Lines=names_it, Line=A_TEXT),
            "payment": _description("/v1/payments", Lines=names_it, Line=A_NUMBER),
        }
    )

    schemas = merged["components"]["schemas"]
    assert schemas["Lines"]["items"]["$ref"] == "#/components/schemas/Line"
    assert schemas["PaymentLines"]["items"]["$ref"] == "#/components/schemas/PaymentLine"
    assert schemas["PaymentLine"] == A_NUMBER


def test_null_const_bounds_and_examples_become_those_of_3_0() -> None:
    converted = to_3_0(
        {
            "type": "object",
            "properties": {
                "examples": {"anyOf": [{"type": "string"}, {"type": "null"}], "examples": ["a", "b"]},
                "const": {"const": "x", "type": "string"},
                "price": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 9},
                "line": {"anyOf": [{"$ref": "#/components/schemas/Line"}, {"type": "null"}], "title": "L"},
                "either": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
            },
        }
    )

    assert converted["properties"] == {
        "examples": {"type": "string", "nullable": True, "example": "a"},
        "const": {"enum": ["x"], "type": "string"},
        "price": {
            "type": "number",
            "minimum": 0,
            "exclusiveMinimum": True,
            "maximum": 9,
            "exclusiveMaximum": True,
        },
        "line": {"allOf": [{"$ref": "#/components/schemas/Line"}], "title": "L", "nullable": True},
        "either": {"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
    }
