"""The schemas of a description say what a generated client may rely on."""

from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.http.client_schemas import NOT_ALWAYS, prepare

MAYBE = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "Email"}


def _content(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _object(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "title": "Elsewhere", "properties": fields}


def _prepared(**bodies: Any) -> dict[str, Any]:
    responses = {"200": {"description": "OK", "content": _content("Reply")}}
    operation = {
        method: {"requestBody": {"content": _content(name)}, "responses": responses}
        for method, name in bodies.items()
    }
    schemas = {
        "Reply": _object(email=MAYBE, rare={"type": "string", **NOT_ALWAYS}),
        "New": _object(email=MAYBE, terms={"type": "integer", "default": 30}),
        "Both": _object(line={"$ref": "#/components/schemas/New"}, days={"type": "integer", "default": 1}),
        "Odd": _object(
            title={"type": "string", "title": "Title"},
            never={"type": "null"},
            listed={"type": ["string", "null"], "maxLength": 3, "description": "D"},
            price={"anyOf": [{"type": "string"}, {"type": "number"}], "ge": 0, "lt": 9, "decimal_places": 2},
        ),
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/v1/things": operation},
        "components": {"schemas": schemas},
    }
    prepared = prepare(document)
    OpenAPIV31SpecValidator(prepared).validate()
    schemas_: dict[str, Any] = prepared["components"]["schemas"]
    return {**schemas_, "paths": prepared["paths"]}


def test_what_a_reply_always_has_is_required() -> None:
    schemas = _prepared(post="New")

    assert schemas["Reply"]["required"] == ["email"]
    assert "required" not in schemas["New"]


def test_a_new_thing_has_its_defaults_and_no_made_up_null() -> None:
    fields = _prepared(post="New")["New"]["properties"]

    assert fields["terms"]["default"] == 30
    assert "default" not in fields["email"]


def test_a_change_has_no_defaults() -> None:
    assert "default" not in _prepared(patch="New")["New"]["properties"]["terms"]


def test_a_body_of_both_becomes_two_so_that_only_what_is_new_has_defaults() -> None:
    schemas = _prepared(post="New", patch="New")

    changed = schemas["paths"]["/v1/things"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    assert changed == {"$ref": "#/components/schemas/NewChanges"}
    assert schemas["New"]["properties"]["terms"]["default"] == 30
    assert "default" not in schemas["NewChanges"]["properties"]["terms"]


def test_what_lies_in_a_change_is_new_and_keeps_its_defaults() -> None:
    schemas = _prepared(patch="Both")

    assert "default" not in schemas["Both"]["properties"]["days"]
    assert schemas["New"]["properties"]["terms"]["default"] == 30


def test_null_and_bounds_are_those_of_json_schema() -> None:
    odd = _prepared(post="Odd")["Odd"]

    assert odd["title"] == "Odd"
    assert odd["properties"] == {
        "title": {"type": "string"},
        "listed": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}], "description": "D"},
        "price": {
            "anyOf": [{"type": "string"}, {"type": "number", "minimum": 0, "exclusiveMaximum": 9}],
        },
    }
