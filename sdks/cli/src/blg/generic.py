"""Every call of the API: `blg RESOURCE VERB`, read from the platform's own description."""

import json
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from blg import config
from blg.api import RawJson, part
from blg.errors import CommandFailed, WrongUsage

if TYPE_CHECKING:
    from blg.main import Context

FRESH_SECONDS = 24 * 3600
Operation = Mapping[str, Any]
_MOVES_MONEY = ("payments.", "refunds.", "allocations.", "ledger.", "invoices.issue", "invoices.send", "invoices.void")
_METHODS = ("get", "post", "put", "patch", "delete")


def operations(context: "Context") -> dict[str, Operation]:
    """The platform's calls by their names, kept for a day; raises what asking the platform raises."""
    file = config.memory_file(context.profile, "descriptions")
    known = config.recall(file)
    if time.time() - known.get("at", 0) < FRESH_SECONDS:
        return dict(known["operations"])
    found = compact(context.api.get("/openapi.json"))
    config.store(file, json.dumps({"at": time.time(), "operations": found}))
    return found


def compact(description: Mapping[str, Any]) -> dict[str, Operation]:
    """What the commands need of an OpenAPI document."""
    schemas = description.get("components", {}).get("schemas", {})
    found = {}
    for path, item in description["paths"].items():
        for method in _METHODS:
            if method in item and (name := item[method].get("operationId", "")).count("."):
                found[name] = _operation(method, path, item[method], schemas)
    return found


def names(operations: Mapping[str, Operation]) -> list[str]:
    """The resources that have calls."""
    return sorted({name.split(".")[0] for name in operations})


def group(context: "Context", name: str) -> click.Group | None:
    """The calls of a resource as commands; None where there is none of this name."""
    resource = name.replace("-", "_")
    try:
        known = operations(context)
    except CommandFailed as error:
        raise WrongUsage(f"There is no command {name}; what the API has could not be asked: {error}") from error
    of_resource = {key: one for key, one in known.items() if key.split(".")[0] == resource}
    if not of_resource:
        return None
    found = click.Group(name, help=f"Calls of {name} as the API has them.")
    for key, operation in sorted(of_resource.items()):
        _add(found, key.split(".")[1:], _command(key, operation))
    return found


def _operation(method: str, path: str, said: Mapping[str, Any], schemas: Mapping[str, Any]) -> Operation:
    parameters = [
        {
            "name": one["name"],
            "in": one["in"],
            "required": one.get("required", False),
            "about": one.get("description", ""),
            "many": _kind(one.get("schema", {}), schemas) == "array",
        }
        for one in said.get("parameters", ())
        if one["in"] in ("path", "query") or one["name"].lower() == "if-match"
    ]
    content = said.get("requestBody", {}).get("content", {})
    return {
        "method": method.upper(),
        "path": path,
        "summary": said.get("summary", ""),
        "about": said.get("description", ""),
        "parameters": parameters,
        "fields": _fields(content.get("application/json", {}).get("schema", {}), schemas),
        "media": next(iter(content), None),
        "paginated": said.get("x-paginated"),
        "binary": said.get("x-binary"),
    }


def _fields(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    whole = _resolved(schema, schemas)
    required = whole.get("required", ())
    return {
        name: {"kind": _kind(one, schemas), "required": name in required, "about": one.get("description", "")}
        for name, one in whole.get("properties", {}).items()
    }


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return _resolved(options[0], schemas) if options and "properties" not in schema else schema


def _kind(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    said = _resolved(schema, schemas).get("type", "any")
    kind = next((one for one in said if one != "null"), "any") if isinstance(said, list) else said
    return str(kind)


def _add(group_: click.Group, place: list[str], command: click.Command) -> None:
    for step in place[:-1]:
        inner = group_.commands.get(step.replace("_", "-"))
        if not isinstance(inner, click.Group):
            inner = click.Group(step.replace("_", "-"), commands={"": inner} if inner else {}, help=f"Calls of {step}.")
            group_.add_command(inner)
        group_ = inner
    command.name = place[-1].replace("_", "-")
    group_.add_command(command)


def _command(key: str, operation: Operation) -> click.Command:
    from blg.main import shared_options

    @shared_options
    def call(context: "Context", **given: Any) -> None:
        _call(context, key, operation, given)

    command = click.Command(
        None, callback=call, help=operation["about"] or operation["summary"], params=_options(operation)
    )
    command.params += getattr(call, "__click_params__", [])[::-1]
    command.short_help = operation["summary"]
    return command


def _options(operation: Operation) -> list[click.Parameter]:
    found: list[click.Parameter] = []
    for one in operation["parameters"]:
        name = "p_" + one["name"].replace("-", "_")
        if one["in"] == "path":
            found.append(click.Argument([name], required=True, metavar=one["name"].upper()))
        else:
            flag = "--" + one["name"].replace("_", "-")
            found.append(click.Option([flag, name], multiple=one["many"], required=one["required"], help=one["about"]))
    taken = {option for parameter in found for option in parameter.opts}
    for field, about in operation["fields"].items():
        flag = "--" + field.replace("_", "-")
        flag = f"{flag}-field" if flag in taken | _OURS else flag
        note = f"{about['about']} ({about['kind']})".strip()
        found.append(click.Option([flag, f"f_{field}"], help=note))
    if operation["method"] in ("POST", "PUT", "PATCH"):
        found.append(click.Option(["--data", "-d", "data_"], help="The whole body as JSON, @FILE, or - for stdin."))
    if operation["paginated"] == "cursor":
        found.append(click.Option(["--all", "all_"], is_flag=True, help="All pages."))
    if operation["method"] == "POST":
        found.append(click.Option(["--idempotency-key", "key_"], help="A key of one's own, for a repetition."))
    found.append(click.Option(["--output", "-o", "file_"], help="Write what comes to a file."))
    return found


_OURS = frozenset({"--profile", "--base-url", "--json", "--quiet", "--yes", "--data", "--all", "--output", "--help"})


def _call(context: "Context", key: str, operation: Operation, given: Mapping[str, Any]) -> None:
    path, query, headers = operation["path"], {}, {}
    for one in operation["parameters"]:
        value = given.get("p_" + one["name"].replace("-", "_"))
        if value in (None, ()):
            continue
        if one["in"] == "path":
            path = path.replace("{" + one["name"] + "}", part(value))
        elif one["in"] == "header":
            headers[one["name"]] = value
        else:
            query[one["name"]] = value
    body = _body(operation, given)
    if operation["method"] != "GET" and key.startswith(_MOVES_MONEY):
        context.agree(f"{operation['summary'] or key}")
    if given.get("all_"):
        context.output.table(list(context.api.rows(path, **query)))
        return
    reply = context.api.ask(operation["method"], path, query=query, body=body, key=given.get("key_"), headers=headers)
    if given.get("file_"):
        with open(given["file_"], "wb") as file:
            file.write(reply.content)
        context.output.value({"file": given["file_"], "bytes": len(reply.content)})
    elif operation["binary"]:
        sys.stdout.buffer.write(reply.content)
    else:
        _show(context, reply.json() if reply.content else None)


def _show(context: "Context", said: Any) -> None:
    if context.output.is_json or said is None:
        context.output.value(said, [] if said is None else None)
    elif isinstance(said, dict) and isinstance(said.get("data"), list):
        context.output.table(said["data"])
        if (said.get("meta") or {}).get("next_cursor"):
            context.output.note("There is more: --all, or --cursor " + str(said["meta"]["next_cursor"]), "dim")
    else:
        context.output.value(said)


def _body(operation: Operation, given: Mapping[str, Any]) -> Any:
    raw = _data(given.get("data_"))
    said = {
        name: _value(name, about["kind"], given[f"f_{name}"])
        for name, about in operation["fields"].items()
        if given.get(f"f_{name}") is not None
    }
    if raw is None or not said:
        # As it was written: no number is read and written anew.
        return said or raw
    if not isinstance(raw.value, dict):
        raise WrongUsage("--data holds no object, so that no fields can be added to it.")
    return {**raw.value, **said}


def _data(text: str | None) -> Any:
    if text is None:
        return None
    try:
        if text == "-":
            text = sys.stdin.read()
        elif text.startswith("@"):
            with open(text[1:], encoding="utf-8") as file:
                text = file.read()
        value = json.loads(text)
    except (OSError, ValueError) as error:
        raise WrongUsage(f"--data holds no JSON: {error}") from error
    return RawJson(text, value)


def _value(name: str, kind: str, text: str) -> Any:
    if text == "null":
        return None
    if kind == "string":
        return text
    try:
        return json.loads(text, parse_float=str)
    except ValueError:
        if kind in ("any", "array") and not text.startswith(("{", "[")):
            return [text] if kind == "array" else text
        raise WrongUsage(f"--{name.replace('_', '-')} takes {kind}, as JSON.") from None
