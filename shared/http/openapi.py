"""Completes each OpenAPI document: which problems an operation answers with (RFC 9457), and examples."""

import json
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI

from shared.http.errors import MEDIA_TYPE
from shared.kernel.json import Json, JsonMapping, JsonObject

_FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")
JSON = "application/json"
_TEXT = {"type": "string"}
PROBLEM: JsonObject = {
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
MEANINGS: dict[HTTPStatus, tuple[str, str]] = {
    HTTPStatus.UNAUTHORIZED: ("unauthorized", "There is no valid credential."),
    HTTPStatus.FORBIDDEN: ("forbidden", "The credential lacks the scope that this needs."),
    HTTPStatus.NOT_FOUND: ("not_found", "There is no such thing in this workspace."),
    HTTPStatus.CONFLICT: ("conflict", "It cannot be done as things stand now."),
    HTTPStatus.PRECONDITION_FAILED: (
        "precondition_failed",
        "It was changed since: If-Match names another version.",
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("invalid", "A field or a parameter is wrong; `errors` names each."),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "too_many_requests",
        "Too many requests; `Retry-After` says when to come back.",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: ("unavailable", "Not now; `Retry-After` says when to try again."),
}
"""The problems that operations declare: a code that stands for them, and what they mean."""


def describe(app: FastAPI, examples: Path | None = None) -> None:
    """Make the app's document tell of problems in our shape, and show examples where a file has them."""
    generate = app.openapi

    def openapi() -> JsonObject:
        if app.openapi_schema is None:
            app.openapi_schema = with_examples(with_problems(generate()), load_examples(examples))
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def load_examples(path: Path | None) -> JsonMapping:
    """The examples of a file: by method and path, a request and its reply."""
    examples_by_route: JsonMapping = json.loads(path.read_text()) if path and path.exists() else {}
    return examples_by_route


def with_examples(document: JsonObject, examples: JsonMapping) -> JsonObject:
    """The document with the examples at the bodies that they show."""
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            example = examples.get(f"{method.upper()} {path}", {})
            if "request" in example:
                _show(operation.get("requestBody", {}), example["request"])
            for status, response in operation["responses"].items():
                if "reply" in example and status.startswith("2"):
                    _show(response, example["reply"])
    return document


def _show(described: JsonObject, example: Json) -> None:
    for media, content in described.get("content", {}).items():
        if media == JSON:
            content["example"] = example


def with_problems(document: JsonObject) -> JsonObject:
    """The document in which every operation declares the problems that it may answer with."""
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            responses = operation["responses"]
            responses.pop("422", None)
            for status in problems_of(method, path, operation):
                responses[str(int(status))] = {"$ref": f"#/components/responses/{_name(status)}"}
            responses["default"] = {"$ref": "#/components/responses/AnyProblem"}
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _FRAMEWORKS_OWN:
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    components["responses"] = {
        "AnyProblem": _response("Any other problem."),
        **{_name(status): _response(meaning, _example(status)) for status, (_, meaning) in MEANINGS.items()},
    }
    return document


def problems_of(method: str, path: str, operation: JsonMapping) -> list[HTTPStatus]:
    """The problems of one operation, by what it takes: ids, fields, a condition, a change."""
    parameters = operation.get("parameters", [])
    is_change = method.upper() != "GET"
    takes = {
        HTTPStatus.UNAUTHORIZED: True,
        HTTPStatus.FORBIDDEN: True,
        HTTPStatus.NOT_FOUND: is_change or "{" in path,
        HTTPStatus.CONFLICT: is_change,
        HTTPStatus.PRECONDITION_FAILED: any(
            parameter["name"].lower() == "if-match" for parameter in parameters
        ),
        HTTPStatus.UNPROCESSABLE_ENTITY: bool(parameters) or "requestBody" in operation,
        HTTPStatus.TOO_MANY_REQUESTS: True,
        HTTPStatus.SERVICE_UNAVAILABLE: True,
    }
    return [status for status, is_taken in takes.items() if is_taken]


def _name(status: HTTPStatus) -> str:
    return status.phrase.title().replace(" ", "")


def _response(meaning: str, example: JsonMapping | None = None) -> JsonObject:
    content: JsonObject = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if example:
        content["example"] = example
    return {"description": meaning, "content": {MEDIA_TYPE: content}}


def _example(status: HTTPStatus) -> JsonObject:
    code, meaning = MEANINGS[status]
    fault = {"pointer": "/lines/0/quantity", "message": "Input should be greater than 0"}
    return {
        "type": f"urn:billing:error:{code}",
        "title": status.phrase,
        "status": int(status),
        "detail": meaning,
        "code": code,
        "errors": [fault] if status == HTTPStatus.UNPROCESSABLE_ENTITY else [],
        "request_id": "req_01981a8e7c0070008000000000000001",
    }
