"""Says in each OpenAPI document how errors look: RFC 9457 problems, whatever their status."""

from typing import Any

from fastapi import FastAPI

from shared.http.errors import MEDIA_TYPE

_FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")
_TEXT = {"type": "string"}
PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457); `code` is stable, `errors` names each field.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "errors", "request_id"],
    "properties": {
        "type": {**_TEXT, "examples": ["urn:billing:error:invalid"]},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": {**_TEXT, "examples": ["invalid"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {
                    "pointer": {
                        **_TEXT,
                        "description": "A JSON pointer into the body, or a parameter's name.",
                    },
                    "message": _TEXT,
                },
            },
        },
        "request_id": {"type": ["string", "null"]},
    },
}
_ANY_PROBLEM = {
    "description": "A problem",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe_problems(app: FastAPI) -> None:
    """Put the problem in the place of the framework's own errors in the app's document."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = with_problems(generate())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """The document in which every operation may answer with a problem."""
    for path in document.get("paths", {}).values():
        for operation in path.values():
            responses = operation["responses"]
            responses.pop("422", None)
            responses["default"] = _ANY_PROBLEM
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORKS_OWN:
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    return document
