"""What no document can carry is refused at every string field and parameter that any API describes."""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from shared.kernel.ids import new_id
from tests.integration.openapi.conftest import ADMIN, SERVICES, Platform

# One of each class: NUL, bell, Word's line break, escape, no character, half of one.
FORBIDDEN = ("\x00", "\x07", "\x0b", "\x1b", "\ufffe", "\ud800")
# Half a character cannot be written into an address: UTF-8 has no form for it.
IN_ADDRESSES = FORBIDDEN[:-1]
METHODS = ("get", "post", "put", "patch", "delete")
AT_ONCE = 16
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Try:
    """A request with one forbidden character, and the field or parameter that is to be named."""

    method: str
    path: str
    named: str
    body: bytes | None = None
    media_type: str = "application/json"


async def test_every_field_and_parameter_refuses_every_forbidden_character(
    start_platform: Any, a_principal: Any
) -> None:
    platform: Platform = await start_platform()
    gateway, faults = platform.gateway.app, list[str]()
    # Five services share this test's loop, whose waits would else send requests away.
    gateway.state.edge.shedder.target_seconds = 60
    spoken: list[Try] = []
    async with platform.client() as client:
        for _, prefix in gateway.state.dialects:
            spoken += _tries((await client.get(f"{prefix}/openapi.json")).json(), prefix)
    for name in SERVICES:
        service = platform.services[name]
        headers = {"authorization": f"Bearer {service.tokens.sign(a_principal())}"}
        faults += await _faults(service.app, headers, list(_tries(service.app.openapi())))
    own = list(_tries(gateway.openapi()))
    # Workspaces are the platform's, everything else a workspace's.
    of_admin = [one for one in own if one.path.startswith("/v1/workspaces")]
    faults += await _faults(gateway, {"authorization": f"Bearer {ADMIN}"}, of_admin)
    tried = [one for one in own if one not in of_admin] + spoken
    faults += await _faults(gateway, {"x-api-key": platform.key}, tried)

    assert len(tried) > 1_000
    assert not faults, f"{len(faults)}:\n" + "\n".join(faults[:40])


async def _faults(app: Any, headers: Mapping[str, str], tries: Sequence[Try]) -> list[str]:
    """What the app answered otherwise than with a refusal that names the field."""
    places = asyncio.Semaphore(AT_ONCE)
    # In this process: what is asked is how each field is read, not how bytes travel.
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:

        async def ask(one: Try) -> str | None:
            async with places:
                own = {"content-type": one.media_type} if one.body else {}
                reply = await client.request(one.method, one.path, content=one.body, headers=own)
            if reply.status_code == 422 and one.named in reply.text:
                return None
            return f"{one.method} {one.path} {one.body!r}: {reply.status_code} {reply.text[:200]}"

        return [fault for fault in await asyncio.gather(*map(ask, tries)) if fault]


def _tries(document: Mapping[str, Any], prefix: str = "") -> Iterator[Try]:
    for path, item in document["paths"].items():
        address = prefix + re.sub(r"\{[^}]+\}", str(new_id()), path)
        for method in METHODS:
            if method in item:
                yield from _of_body(document, method, address, item[method])
                yield from _of_query(document, method, address, item[method])


def _of_body(
    document: Mapping[str, Any], method: str, address: str, operation: Mapping[str, Any]
) -> Iterator[Try]:
    content = operation.get("requestBody", {}).get("content", {})
    media_type = next((one for one in content if one.endswith("json")), None)
    if media_type is None:
        return
    for place in dict.fromkeys(_strings(document, content[media_type]["schema"])):
        for character in FORBIDDEN:
            body = json.dumps(_body(place, f"a{character}b")).encode()
            names = [one for one in place if isinstance(one, str)]
            yield Try(method, address, names[-1] if names else "", body, media_type)


def _of_query(
    document: Mapping[str, Any], method: str, address: str, operation: Mapping[str, Any]
) -> Iterator[Try]:
    for parameter in operation.get("parameters", []):
        found = _resolved(document, parameter)
        if found["in"] == "query":
            for character in IN_ADDRESSES:
                query = f"{quote(found['name'], safe='')}={quote(f'a{character}b', safe='')}"
                yield Try(method, f"{address}?{query}", found["name"])


def _strings(document: Mapping[str, Any], schema: Any, seen: tuple[str, ...] = ()) -> Iterator[Place]:
    """Where a value that fits the schema may have a text."""
    if reference := schema.get("$ref"):
        if reference not in seen:
            yield from _strings(document, _resolved(document, schema), (*seen, reference))
        return
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _strings(document, part, seen)
    for name, part in schema.get("properties", {}).items():
        yield from (((name, *place)) for place in _strings(document, part, seen))
    more = schema.get("additionalProperties")
    if more or (schema.get("type") == "object" and "properties" not in schema):
        further = _strings(document, more, seen) if isinstance(more, dict) else [()]
        yield from (("any_name", *place) for place in further)
    if schema.get("type") == "array":
        yield from ((0, *place) for place in _strings(document, schema.get("items", {}), seen))
    if "string" in (schema.get("type"), *_listed(schema.get("type"))) or not set(schema) & STRUCTURE:
        yield ()


STRUCTURE = {"type", "anyOf", "oneOf", "allOf", "properties", "additionalProperties", "const", "enum"}


def _listed(kinds: Any) -> list[str]:
    return kinds if isinstance(kinds, list) else []


def _body(place: Place, text: str) -> Any:
    value: Any = text
    for part in reversed(place):
        value = [value] if part == 0 else {part: value}
    return value


def _resolved(document: Mapping[str, Any], part: Any) -> Any:
    if "$ref" not in part:
        return part
    found: Any = document
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name.replace("~1", "/").replace("~0", "~")]
    return found
