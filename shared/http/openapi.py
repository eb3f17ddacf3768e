"""Completes each OpenAPI document: names of operations, their problems (RFC 9457), examples."""

import json
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from shared.http import client_schemas, idempotency
from shared.http.errors import MEDIA_TYPE
from shared.http.operation_names import name_operations
from shared.http.raised import reach
from shared.kernel.errors import BillingError
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
                    "code": {
                        **_TEXT,
                        "description": "Which kind of fault, where an answer tells them apart.",
                    },
                },
            },
        },
        "request_id": {"anyOf": [_TEXT, {"type": "null"}]},
    },
}
MEANINGS: dict[HTTPStatus, tuple[str, str]] = {
    HTTPStatus.BAD_REQUEST: ("bad_request", "The request cannot be read."),
    HTTPStatus.UNAUTHORIZED: ("unauthorized", "There is no valid credential."),
    HTTPStatus.FORBIDDEN: ("forbidden", "The credential lacks the scope that this needs."),
    HTTPStatus.NOT_FOUND: ("not_found", "There is no such thing in this workspace."),
    HTTPStatus.CONFLICT: ("conflict", "It cannot be done as things stand now."),
    HTTPStatus.PRECONDITION_FAILED: (
        "precondition_failed",
        "It was changed since: If-Match names another version.",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("body_too_large", "The body is larger than allowed."),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("invalid", "A field or a parameter is wrong; `errors` names each."),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "too_many_requests",
        "Too many requests; `Retry-After` says when to come back.",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: ("unavailable", "Not now; `Retry-After` says when to try again."),
}
"""The problems that operations declare: a code that stands for them, and what they mean."""


BY_OFFSET = "offset"
"""How a list goes on that has no cursors: `openapi_extra={"x-paginated": BY_OFFSET}`."""
ALWAYS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""What the gateway may answer with, whatever is asked for."""
RETRY_AFTER: JsonObject = {
    "Retry-After": {"description": "So many seconds later, at the earliest.", "schema": {"type": "integer"}}
}
KEY: JsonObject = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Repeated with the same key, the request is done once and answered as the first time.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def describe(app: FastAPI, examples: Path | None = None) -> None:
    """Make the app's document tell of problems in our shape, and show examples where a file has them."""
    generate = app.openapi

    def openapi() -> JsonObject:
        if app.openapi_schema is None:
            app.openapi_schema = complete(generate(), app.routes, load_examples(examples))
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def complete(document: JsonObject, routes: Iterable[BaseRoute], examples: JsonMapping) -> JsonObject:
    """The whole document of these routes, of what the framework says of them."""
    known = list(_described(routes))
    for path, method, route in known:
        operation = document.get("paths", {}).get(path, {}).get(method)
        if operation:
            errors = _tell(operation, method, route)
            document.setdefault("x-problems", {}).update({one.code: _problem_of(one) for one in errors})
    document = name_operations(document, {(method, path) for path, method, route in known if route.summary})
    return with_examples(client_schemas.prepare(with_problems(document)), examples)


def _described(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str, RouteContext]]:
    for route in iter_route_contexts(list(routes)):
        if getattr(route, "dependant", None) is not None:
            for method in route.methods or ():
                yield str(route.path_format), method.lower(), route


def _tell(operation: JsonObject, method: str, route: RouteContext) -> set[type[BillingError]]:
    """Say which scopes it asks for, what it may raise, whether it can be repeated, and what it sends."""
    calls = [call for call in (route.endpoint, *_dependencies(route.dependant)) if call]
    is_keyed = method == "post"
    found = reach(*calls, without=() if is_keyed else (idempotency.begin,))
    scopes = [scope for call in calls if (scope := getattr(call, "scope", None))]
    operation["x-scopes"] = sorted(set(scopes))
    operation["x-errors"] = sorted({error.code for error in found.errors})
    if is_keyed and idempotency.begin in found.functions:
        operation["x-idempotent"] = True
        operation.setdefault("parameters", []).append(KEY)
    if kind := _paging(operation):
        operation.setdefault("x-paginated", kind)
    if media := _binary(operation):
        operation["x-binary"] = media
    return found.errors


def _dependencies(dependant: Dependant) -> Iterator[Callable[..., object]]:
    for one in dependant.dependencies:
        if one.call:
            yield one.call
        yield from _dependencies(one)


def _problem_of(error: type[BillingError]) -> JsonObject:
    title = (error.__doc__ or "").split("\n")[0]
    return {"status": int(error.status), "title": title}


def _paging(operation: JsonMapping) -> str | None:
    asked = {parameter["name"] for parameter in operation.get("parameters", ())}
    if {"after", "limit"} <= asked:
        return "feed"
    return "cursor" if {"cursor", "limit"} <= asked else None


def _binary(operation: JsonMapping) -> str | None:
    kinds = [
        media
        for status, one in operation["responses"].items()
        if status.startswith("2")
        for media in one.get("content", {})
    ]
    return kinds[0] if kinds and JSON not in kinds else None


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
            content.setdefault("example", example)


def with_problems(document: JsonObject) -> JsonObject:
    """The document in which every operation declares the problems that it may answer with."""
    for operations in document.get("paths", {}).values():
        for operation in operations.values():
            responses = operation["responses"]
            responses.pop("422", None)
            for status in problems_of(operation, document.get("x-problems", {})):
                responses[str(int(status))] = {"$ref": f"#/components/responses/{_name(status)}"}
            responses["default"] = {"$ref": "#/components/responses/AnyProblem"}
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _FRAMEWORKS_OWN:
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    components["responses"] = {
        "AnyProblem": _response("Any other problem."),
        **{_name(status): _problem_response(status) for status in MEANINGS},
    }
    return document


def problems_of(operation: JsonMapping, problems: JsonMapping) -> list[HTTPStatus]:
    """The problems of one operation: what its code raises, a wrong field, and those of the gateway."""
    raised = {problems[code]["status"] for code in operation.get("x-errors", ())}
    takes_fields = bool(operation.get("parameters")) or "requestBody" in operation
    wanted = {*raised, *map(int, ALWAYS), *([422] if takes_fields else [])}
    return [status for status in MEANINGS if int(status) in wanted]


def _name(status: HTTPStatus) -> str:
    return status.phrase.title().replace(" ", "")


def _problem_response(status: HTTPStatus) -> JsonObject:
    response = _response(MEANINGS[status][1], _example(status))
    has_time = status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    return {**response, "headers": RETRY_AFTER} if has_time else response


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
