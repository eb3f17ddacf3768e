"""Names the schemas of the public description: short, and each for one thing."""

import json
import re
from collections.abc import Collection, Mapping

from shared.kernel.json import Json, JsonMapping, JsonObject

_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')
_PAGE = re.compile(r"Page_(.+)_")
# What classes are called in the code, where the rule of a thing and its reply stand side by side.
_SUFFIXES = ("Reply", "Data")
_PREFIXES = {"webhook_delivery": "Webhook", "subscription_renewal": "Subscription"}


def short_names(own: Collection[str]) -> dict[str, str]:
    """What schemas are called: `Page_InvoiceData_` is `InvoicePage`, `InvoiceData` is `Invoice`.

    Where there is also an `InvoiceReply`, that is what the API calls an invoice.
    """
    names: dict[str, str] = {}
    for suffix in (*_SUFFIXES, ""):
        for name in own:
            bare = name.removesuffix(suffix)
            if name.endswith(suffix) and name not in names and not _PAGE.fullmatch(name):
                is_free = bare and bare not in own and bare not in names.values()
                names[name] = bare if is_free else name
    for name in own:
        if page := _PAGE.fullmatch(name):
            names[name] = f"{names.get(page[1], page[1])}Page"
    return names


def tell_apart(service: str, own: JsonMapping, taken: JsonMapping) -> dict[str, str]:
    """What a service's schemas are called among others': what is filled otherwise gets its name."""
    other = {name for name, schema in own.items() if name in taken and taken[name] != schema}
    while True:
        # A schema also differs where one that it names does.
        named = {name for name in set(own) - other if name in taken and references(own[name]) & other}
        if not named:
            break
        other |= named
    prefix = _PREFIXES.get(service) or "".join(part.title() for part in service.split("_"))
    return {name: f"{prefix}{name}" if name in other else name for name in own}


def references(schema: Json) -> set[str]:
    """The schemas that something names."""
    return set(_REFERENCE.findall(json.dumps(schema)))


def rename(value: Json, names: Mapping[str, str]) -> Json:
    """Something whose references are to the new names."""

    def renamed(found: re.Match[str]) -> str:
        return f'"#/components/schemas/{names.get(found[1], found[1])}"'

    return json.loads(_REFERENCE.sub(renamed, json.dumps(value)))


def renamed(schemas: JsonMapping, names: Mapping[str, str]) -> JsonObject:
    """The schemas under their new names, which are also their titles."""
    return {names[name]: _titled(rename(schema, names), names[name]) for name, schema in schemas.items()}


def _titled(schema: JsonObject, name: str) -> JsonObject:
    return {**schema, "title": name} if "title" in schema else schema
