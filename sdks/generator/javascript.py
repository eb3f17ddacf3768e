"""The generated parts of the JavaScript SDK."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from sdks.generator.currencies import digits
from sdks.generator.names import camel, lower_camel, sentence
from sdks.generator.python import EXTRAS, error_base, own_problems
from sdks.generator.rendering import Templates
from sdks.generator.spec import Field, Operation, Reply, Spec
from sdks.generator.types import Either, Kind, Many, Named, Nullable, Plain, Table, Type, Words

FOLDER = Path(__file__).parents[1] / "javascript"
GENERATED = FOLDER / "src" / "_generated"
SURFACE = FOLDER / "surface.txt"
MODULES = ("types", "params", "problems", "currencies", "operations", "resources")
_ANSWERED = {Kind.INTEGER: "number", Kind.BOOLEAN: "boolean", Kind.ANYTHING: "unknown"}
_ASKED = {
    Kind.DATE: "string",
    Kind.INSTANT: "string | Date",
    Kind.INTEGER: "number",
    Kind.DECIMAL: "string | number",
    Kind.BOOLEAN: "boolean",
    Kind.ANYTHING: "unknown",
}
_PLAIN = re.compile(r"[A-Za-z_$][\w$]*")


def files(spec: Spec) -> dict[Path, str]:
    """Every generated file of the SDK, as text."""
    templates = Templates(
        "javascript",
        {},
        answered=answered,
        asked=asked,
        camel=camel,
        lower_camel=lower_camel,
        sentence=sentence,
        comment=comment,
        member=member,
        fields=fields,
        is_needed=is_needed,
        signature=signature,
        passed=passed,
        described=described,
        resource_class=resource_class,
        resource_path=resource_path,
        extras=EXTRAS,
        own_problems=own_problems,
        error_base=error_base,
        Reply=Reply,
    )
    texts = {f"{name}.ts": templates.render(f"{name}.ts", spec=spec, digits=digits()) for name in MODULES}
    found = {GENERATED / name: text for name, text in texts.items()}
    found[SURFACE] = "".join(f"{line(one)}\n" for one in spec.operations)
    return found


def answered(found: Type) -> str:
    """How a reply's field is typed: words may be new ones, decimals and instants are texts as they came."""
    match found:
        case Plain(kind):
            return _ANSWERED.get(kind, "string")
        case Words(words):
            known = " | ".join(json.dumps(word) for word in words)
            return f"{known} | (string & {{}})" if any(isinstance(word, str) for word in words) else known
        case Named(name):
            return name
        case Many(item):
            return f"{_grouped(answered(item))}[]"
        case Table(value):
            return f"Record<string, {answered(value)}>"
        case Nullable(value):
            return f"{answered(value)} | null"
        case Either(choices):
            return " | ".join(answered(one) for one in choices)


def asked(found: Type) -> str:
    """How a request's field is typed."""
    match found:
        case Plain(kind):
            return _ASKED.get(kind, "string")
        case Words(words):
            return " | ".join(json.dumps(word) for word in words)
        case Named(name):
            return name
        case Many(item):
            return f"readonly {_grouped(asked(item))}[]"
        case Table(value):
            return f"Readonly<Record<string, {asked(value)}>>"
        case Nullable(value):
            return f"{asked(value)} | null"
        case Either(choices):
            return " | ".join(asked(one) for one in choices)


def _grouped(text: str) -> str:
    return f"({text})" if " " in text else text


def member(name: str) -> str:
    """A field's name in an interface."""
    return name if _PLAIN.fullmatch(name) else json.dumps(name)


def comment(text: str) -> str:
    """A text that can stand in a comment."""
    return sentence(text).replace("*/", "* /")


def fields(operation: Operation) -> list[Field]:
    """What a method takes beside ids and options."""
    return [*operation.query, *operation.body]


def is_needed(operation: Operation) -> bool:
    """Whether something of it must be given."""
    return operation.takes_file or any(field.is_required for field in fields(operation))


def _takes_fields(operation: Operation) -> bool:
    return operation.takes_file or operation.takes_body or bool(operation.query)


def signature(operation: Operation) -> str:
    """The parameters of a method."""
    given = [f"{lower_camel(name)}: string" for name in operation.ids]
    if _takes_fields(operation):
        given.append(f"fields{'' if is_needed(operation) else '?'}: p.{camel(operation.name)}")
    return ", ".join([*given, "options?: Options"])


def passed(operation: Operation) -> str:
    """What a method passes on."""
    ids = ", ".join(lower_camel(name) for name in operation.ids)
    return f"ops.{operation.key}, [{ids}], {'fields' if _takes_fields(operation) else 'undefined'}, options"


def described(operation: Operation) -> str:
    """An operation as the runtime sees it."""
    facts: dict[str, object] = {
        "name": operation.name,
        "method": operation.method,
        "path": operation.template,
        "query": [field.name for field in operation.query],
        "takesBody": operation.takes_body,
        "takesFile": operation.takes_file,
        "isIdempotent": operation.is_idempotent,
        "isFile": operation.reply == Reply.FILE,
        "pagesByOffset": operation.pages_by_offset,
    }
    given = {name: value for name, value in facts.items() if value}
    return f"{{ {', '.join(f'{name}: {json.dumps(value)}' for name, value in given.items())} }}"


def resource_class(path: Iterable[str]) -> str:
    """The class of a resource."""
    return "".join(camel(name) for name in path) or "Root"


def resource_path(path: Iterable[str]) -> str:
    """Where a client has it: `invoices.creditNotes`."""
    return ".".join(lower_camel(name) for name in path)


def line(operation: Operation) -> str:
    """A method in the file that says what the SDK offers."""
    known = [f"{member(one.name)}{'' if one.is_required else '?'}" for one in fields(operation)]
    known += ["content", "content_type"] if operation.takes_file else []
    ids = [lower_camel(name) for name in operation.ids]
    given = [*ids, *([f"{{ {', '.join(known)} }}"] if _takes_fields(operation) else []), "options?"]
    name = ".".join(lower_camel(part) for part in operation.name.split("."))
    reply = {
        Reply.NOTHING: "void",
        Reply.FILE: "BillingFile",
        Reply.PAGES: f"Listing<{operation.model}>",
    }.get(operation.reply, operation.model)
    return f"{name}({', '.join(given)}): {reply}"
