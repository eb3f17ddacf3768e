"""Describes a dialect in OpenAPI 3.0, which its schemas (JSON Schema 2020-12) are converted to."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.gateway.dialects.dialect import Dialect, Operation

VERSION = "3.0.3"
_REFERENCE = "#/components/schemas/{model}"


def describe(dialect: Dialect, prefix: str) -> dict[str, Any]:
    """The dialect's description, for a dialect that answers below `prefix`."""
    schemas, references = _schemas(dialect)
    paths: dict[str, dict[str, Any]] = {}
    for operation in dialect.operations:
        described = _operation(operation, references, dialect.problem_model)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": VERSION,
        "info": {"title": dialect.title, "description": dialect.description, "version": dialect.version},
        "servers": [{"url": prefix}],
        "security": [{"ApiKey": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(each.tag for each in dialect.operations)],
        "paths": paths,
        "components": {
            "securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
            "schemas": schemas,
        },
    }


def _schemas(dialect: Dialect) -> tuple[dict[str, Any], Mapping[Any, Any]]:
    wanted: dict[Any, None] = {(dialect.problem_model, "serialization"): None}
    for operation in dialect.operations:
        if operation.request:
            wanted[operation.request, "validation"] = None
        if operation.reply:
            wanted[operation.reply, "serialization"] = None
    found, definitions = models_json_schema(list(wanted), ref_template=_REFERENCE)
    schemas = {name: to_3_0(schema) for name, schema in definitions["$defs"].items()}
    return schemas, {model: schema for (model, _), schema in found.items()}


def _operation(
    operation: Operation, references: Mapping[type[BaseModel], Any], problem: type[BaseModel]
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(operation),
        "responses": {
            str(operation.status): _response(operation, references),
            "default": {"description": "What went wrong.", "content": _json(references[problem])},
        },
    }
    if operation.request:
        content = _json(references[operation.request])
        if operation.example is not None:
            content["application/json"]["example"] = operation.example
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": _path_schema(name)}
        for name in operation.pattern.groupindex
    ]
    in_query = [
        {"name": each.name, "in": "query", "description": each.description, "schema": dict(each.schema)}
        for each in operation.query
    ]
    return in_path + in_query


def _path_schema(name: str) -> dict[str, Any]:
    return {"type": "string", "format": "uuid"} if name == "id" else {"type": "string"}


def _response(operation: Operation, references: Mapping[type[BaseModel], Any]) -> dict[str, Any]:
    if operation.reply is None:
        return {"description": "Done."}
    return {"description": "Success.", "content": _json(references[operation.reply])}


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


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
