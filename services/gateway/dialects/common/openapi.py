"""Describes a dialect in OpenAPI 3.1, or in 3.0, which its schemas (JSON Schema 2020-12) are converted to."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import simplejson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.gateway.dialects.common.dialect import JSON, Dialect, Operation

_REFERENCE = "#/components/schemas/{model}"
_FILE = {"type": "string", "format": "binary"}
EXAMPLES = Path(__file__).parents[2] / "static" / "examples"
MEANINGS: Mapping[HTTPStatus, tuple[str, str]] = {
    HTTPStatus.UNAUTHORIZED: ("unauthorized", "There is no valid credential."),
    HTTPStatus.FORBIDDEN: ("forbidden", "The credential lacks the scope that this needs."),
    HTTPStatus.NOT_FOUND: ("not_found", "There is no such resource in this workspace."),
    HTTPStatus.CONFLICT: ("conflict", "It cannot be done as things stand now."),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("invalid", "A field or a parameter is wrong."),
    HTTPStatus.TOO_MANY_REQUESTS: ("too_many_requests", "Too many requests; `Retry-After` says until when."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("unavailable", "Not now; `Retry-After` says when to try again."),
}
"""The problems that operations declare: the canonical code, and what it means."""


def describe(dialect: Dialect, prefix: str) -> dict[str, Any]:
    """The dialect's description, for a dialect that answers below `prefix`."""
    schemas, references = _schemas(dialect)
    problem = references[dialect.problem_model]
    examples = _examples(dialect)
    paths: dict[str, dict[str, Any]] = {}
    for operation in dialect.operations:
        example = examples.get(f"{operation.method} {operation.path}", {}).get("reply")
        described = _operation(operation, references, example)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": dialect.openapi,
        "info": {"title": dialect.title, "description": dialect.description, "version": dialect.version},
        "servers": [{"url": prefix}],
        "security": list(dialect.signing_in),
        "tags": [{"name": tag} for tag in dict.fromkeys(each.tag for each in dialect.operations)],
        "paths": paths,
        "components": {
            "securitySchemes": dict(dialect.security),
            "schemas": schemas,
            "responses": dict(_problems(dialect, problem)),
        },
    }


def _schemas(dialect: Dialect) -> tuple[dict[str, Any], Mapping[Any, Any]]:
    wanted: dict[Any, None] = {(dialect.problem_model, "serialization"): None}
    for operation in dialect.operations:
        if operation.request:
            wanted[operation.request, "validation"] = None
        for model in _replies(operation).values():
            if model:
                wanted[model, "serialization"] = None
    found, definitions = models_json_schema(list(wanted), ref_template=_REFERENCE)
    is_3_0 = dialect.openapi.startswith("3.0.")
    schemas = {name: to_3_0(one) if is_3_0 else one for name, one in definitions["$defs"].items()}
    return schemas, {model: schema for (model, _), schema in found.items()}


def _examples(dialect: Dialect) -> Mapping[str, Any]:
    path = EXAMPLES / f"{dialect.name}.json"
    # The digits of amounts count.
    found: Mapping[str, Any] = simplejson.loads(path.read_text(), use_decimal=True) if path.exists() else {}
    return found


def _problems(dialect: Dialect, schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "AnyProblem",
        {
            "description": "What went wrong.",
            "content": {dialect.problem_media: {"schema": schema}},
        },
    )
    for status, (code, meaning) in MEANINGS.items():
        example = dialect.problem(int(status), {"code": code, "title": meaning, "detail": meaning}).body
        content = {dialect.problem_media: {"schema": schema, "example": example}}
        yield _name(status), {"description": meaning, "content": content}


def _name(status: HTTPStatus) -> str:
    return status.phrase.title().replace(" ", "")


def _declared(operation: Operation) -> Iterator[HTTPStatus]:
    is_change = operation.method != "GET"
    takes = {
        HTTPStatus.NOT_FOUND: is_change or bool(operation.pattern.groupindex),
        HTTPStatus.CONFLICT: is_change,
        HTTPStatus.UNPROCESSABLE_ENTITY: bool(operation.request or operation.query or operation.parameters),
    }
    yield from (status for status in MEANINGS if takes.get(status, True))


def _operation(operation: Operation, references: Mapping[Any, Any], example: Any) -> dict[str, Any]:
    problem = "#/components/responses/{}".format
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(operation),
        "responses": {
            str(operation.status): _response(operation, references, example),
            **{str(int(status)): {"$ref": problem(_name(status))} for status in _declared(operation)},
            "default": {"$ref": problem("AnyProblem")},
        },
    }
    if operation.request:
        content: dict[str, Any] = {"schema": references[operation.request]}
        if operation.example is not None:
            content["example"] = operation.example
        media = dict.fromkeys(operation.request_media, content)
        described["requestBody"] = {"required": not operation.is_body_optional, "content": media}
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": _path_schema(operation, name)}
        for name in operation.pattern.groupindex
    ]
    in_query = [
        {"name": each.name, "in": "query", "description": each.description, "schema": dict(each.schema)}
        for each in operation.query
    ]
    return in_path + in_query


def _path_schema(operation: Operation, name: str) -> Mapping[str, Any]:
    of_id = {"type": "string", "format": "uuid"} if name == "id" else {"type": "string"}
    return operation.parameters.get(name, of_id)


def _replies(operation: Operation) -> Mapping[str, type[BaseModel] | None]:
    return operation.replies or ({JSON: operation.reply} if operation.reply else {})


def _response(operation: Operation, references: Mapping[Any, Any], example: Any) -> dict[str, Any]:
    replies = _replies(operation)
    if not replies:
        return {"description": "Done."}
    content: dict[str, dict[str, Any]] = {}
    for media, model in replies.items():
        content[media] = {"schema": references[model] if model else _FILE}
        if model and example is not None:
            is_plain = media == JSON and len(replies) > 1
            content[media]["example"] = _plain(example) if is_plain else example
    return {"description": "Success.", "content": content}


def _plain(example: Any) -> Any:
    """JSON-LD as plain JSON: without its keywords, and a collection as a list."""
    if isinstance(example, list):
        return [_plain(one) for one in example]
    if not isinstance(example, Mapping):
        return example
    if "member" in example:
        return _plain(example["member"])
    return {name: _plain(value) for name, value in example.items() if not name.startswith("@")}


def to_3_0(schema: Any) -> Any:
    """A schema of JSON Schema 2020-12 in the dialect of OpenAPI 3.0: null, const, bounds, examples."""
    if isinstance(schema, list):
        return [to_3_0(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        # The names of properties are not keywords, whatever they are called.
        name: {key: to_3_0(one) for key, one in value.items()} if name == "properties" else to_3_0(value)
        for name, value in schema.items()
        if name not in ("$defs", "const")
    }
    if "const" in schema:
        made["enum"] = [schema["const"]]
    if isinstance(schema.get("examples"), list):
        made["example"] = made.pop("examples")[0]
    for bound, name in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(made.get(bound), int | float):
            made[name], made[bound] = made[bound], True
    return _nullable(made)


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    choices = schema.get("anyOf")
    if not choices or {"type": "null"} not in choices:
        return schema
    others = [choice for choice in choices if choice != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    if len(others) > 1:
        return {**rest, "anyOf": others, "nullable": True}
    # Beside a $ref nothing else counts in 3.0, so it goes into an allOf.
    only = {"allOf": others} if "$ref" in others[0] else others[0]
    return {**only, **rest, "nullable": True}
