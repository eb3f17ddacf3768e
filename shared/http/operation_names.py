"""Names operations as methods of a client, `invoices.credit_notes.create`, and says what each does.

The path says the resource and the method the verb. A route of which that would not be true names itself:
`operation_id="invoices.send_many"`.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from shared.kernel.json import JsonMapping, JsonObject

_GIVEN = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_PARAMETER = re.compile(r"\{[^}]+\}")
_ABBREVIATIONS = {"pdf": "PDF", "ubl": "UBL", "api": "API"}
_VERBS = {"patch": "update", "put": "replace"}
# A DELETE that does something else says what, by the name of its function.
_REMOVAL = re.compile(r"(archive|delete|reverse|revoke)_")
_SAID = {"update": "change"}
_SINGULAR = frozenset({"business", "settings", "reminders"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where an operation stands: its path's words without the version, and whether the last one is an id."""

    words: tuple[str, ...]
    is_item: bool

    @classmethod
    def of(cls, path: str) -> "Place":
        """The place of a path such as `/v1/invoices/{invoice_id}/credit-notes`."""
        segments = [part for part in path.split("/") if part and part != "v1"]
        words = tuple(part.replace("-", "_") for part in segments if not _PARAMETER.fullmatch(part))
        return cls(words, bool(segments) and bool(_PARAMETER.fullmatch(segments[-1])))


def name_operations(document: JsonObject, spoken: Collection[tuple[str, str]] = ()) -> JsonObject:
    """The document whose operations have names and sentences; `spoken` are the routes that have their own."""
    paths = document.get("paths", {})
    for path, operations in paths.items():
        for method, operation in operations.items():
            operation["operationId"] = name_operation(method, path, operation, paths)
            if (method, path) not in spoken:
                operation["summary"] = say(operation["operationId"], method, path)
    return document


def name_operation(method: str, path: str, operation: JsonMapping, paths: JsonMapping) -> str:
    """The name of one operation, by the paths that stand beside and below it."""
    function, place = str(operation["operationId"]), Place.of(path)
    if _GIVEN.fullmatch(function) or not place.words:
        return function
    if method == "delete":
        found = _REMOVAL.match(function)
        verb = found[1] if found else "delete"
    else:
        verb = _verb(method, place, path, paths)
    return ".".join([*place.words, verb] if verb else place.words)


def say(name: str, method: str, path: str) -> str:
    """What the operation of this name does: `Create a credit note of an invoice`."""
    *resources, verb = name.split(".")
    if not resources:
        return _words(verb).capitalize()
    whole = " of ".join(_one(resource) for resource in reversed(resources))
    if verb == "list":
        owners = "".join(f" of {_one(owner)}" for owner in reversed(resources[:-1]))
        return f"List {_words(resources[-1])}{owners}"
    if method == "get" and verb == Place.of(path).words[-1]:
        return f"Get the {_words(verb)} of {whole}"
    spoken = _SAID.get(verb, _words(verb))
    return f"{spoken[0].upper()}{spoken[1:]} {whole}"


def _verb(method: str, place: Place, path: str, paths: JsonMapping) -> str:
    if method == "get":
        return _read_verb(place, path, paths)
    return _change_verb(place, path, paths) if method == "post" else _VERBS[method]


def _read_verb(place: Place, path: str, paths: JsonMapping) -> str:
    if place.is_item:
        return "get"
    if _is_list(paths[path]["get"]) or _has_items(path, paths):
        return "list"
    is_thing = len(place.words) == 1 or len(paths[path]) > 1
    return "get" if is_thing or any(other.startswith(f"{path}/") for other in paths) else ""


def _change_verb(place: Place, path: str, paths: JsonMapping) -> str:
    is_collection = len(place.words) == 1 or _has_items(path, paths) or _is_list(paths[path].get("get", {}))
    return "create" if is_collection and not place.is_item else ""


def _has_items(path: str, paths: JsonMapping) -> bool:
    item = re.compile(re.escape(path) + r"/\{[^}/]+\}")
    return any(item.fullmatch(other) for other in paths)


def _is_list(operation: JsonMapping) -> bool:
    return any(parameter["name"] == "limit" for parameter in operation.get("parameters", ()))


def _words(name: str) -> str:
    spaced = " ".join(_ABBREVIATIONS.get(word, word) for word in name.split("_"))
    return spaced.replace("e invoice", "e-invoice")


def _one(resource: str) -> str:
    """One of a resource, with its article: `an invoice`, `the business`."""
    if resource in _SINGULAR or not resource.endswith("s"):
        return f"the {_words(resource)}"
    single = _words(f"{resource[:-3]}y" if resource.endswith("ies") else resource[:-1])
    return f"{'an' if single[0] in 'aeiouA' else 'a'} {single}"
