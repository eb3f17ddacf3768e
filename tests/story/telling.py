"""Tells a story against the running platform: each request first by a stranger, then by its owner."""

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from shared.testing.eventually import eventually
from tests.story.documents import Apis, Operation

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")

# These answer 200 and say of each thing that it was not found.
_REFUSED = ('"status":404', '"status":422')
ONE_BY_ONE = {
    "POST /v1/invoices/batch": _REFUSED,
    "POST /v1/invoices/send": _REFUSED,
    "POST /v1/usage-events/void": ('"voided":0,"repeated":0,"unknown":[{',),
    "POST /v1/payments/batch": ('"outcome":"credited"', *_REFUSED),
    "POST /invoices/send": ('"sent": false',),
}


@dataclass(frozen=True)
class Exchange:
    """A request of the owner, and its reply; bodies are JSON or None."""

    operation: Operation
    path: str
    request: Any
    status: int
    reply: Any

    @property
    def worked(self) -> bool:
        """Whether it was answered as asked."""
        return self.status < 300


@dataclass
class Telling:
    """Asks as `owner`; what names anything of theirs is asked as `stranger` before, who must not find it."""

    apis: Apis
    owner: httpx.AsyncClient
    stranger: httpx.AsyncClient | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    async def get(self, path: str) -> Any:
        """The JSON there."""
        return await self.ask("GET", path)

    async def post(self, path: str, body: Any = None) -> Any:
        """What a POST answers."""
        return await self.ask("POST", path, body)

    async def patch(self, path: str, body: Any) -> Any:
        """What an edit answers."""
        return await self.ask("PATCH", path, body)

    async def delete(self, path: str) -> Any:
        """Delete it."""
        return await self.ask("DELETE", path)

    async def first(self, path: str, seconds: float = 90) -> Any:
        """The first one of the list there, as soon as there is one; only then is it part of the story."""

        async def found() -> Any:
            return (await self.owner.get(path)).json()["data"]

        await eventually(found, seconds, 0.2)
        return (await self.get(path))["data"][0]

    async def until(self, path: str, **wanted: Any) -> Any:
        """The resource, once its fields are these."""

        async def fits() -> Any:
            shown = (await self.owner.get(path)).json()
            return shown if {name: shown.get(name) for name in wanted} == wanted else None

        await eventually(fits, 90, 0.2)
        return await self.get(path)

    async def ask(
        self, method: str, path: str, body: Any = None, *, may_refuse: bool = False, **more: Any
    ) -> Any:
        """The reply's JSON; `may_refuse`: the owner too, because of how things stand (409 or 422)."""
        operation = self.apis.find(method, urlsplit(path).path)
        operation.require_known(parse_qs(urlsplit(path).query))
        fields = {"json": body, **more} if body is not None else more
        if self.stranger:
            await self._ask_as_stranger(operation, method, path, fields)
        reply = await self.owner.request(method, path, **fields)
        is_fine = reply.is_success or (may_refuse and reply.status_code in (409, 422))
        assert is_fine, f"{method} {path}: {reply.status_code} {reply.text}"
        shown = _json(reply)
        self._known |= set(_UUID.findall(reply.text if shown is not None else ""))
        self.exchanges.append(Exchange(operation, path, body, reply.status_code, shown))
        return shown

    async def _ask_as_stranger(self, operation: Operation, method: str, path: str, fields: Any) -> None:
        assert self.stranger
        named = self._known & set(_UUID.findall(path + json.dumps(fields.get("json"), default=str)))
        if not (operation.names_ids or named or method == "GET"):
            return
        reply = await self.stranger.request(method, path, **fields)
        if operation.names_ids:
            is_right = reply.status_code == 404
        elif operation.key in ONE_BY_ONE:
            is_right = reply.is_success and any(mark in reply.text for mark in ONE_BY_ONE[operation.key])
        elif method != "GET":
            is_right = reply.status_code in (404, 422)
        else:
            # What the request itself named may be repeated.
            seen = self._known & set(_UUID.findall(reply.text))
            is_right = reply.status_code in (200, 404, 422) and not seen - named
        if not is_right:
            self.faults.append(f"{operation.name}: a stranger got {reply.status_code} {reply.text[:300]}")

    def untold(self) -> list[str]:
        """The operations that the story does not have."""
        told = {exchange.operation for exchange in self.exchanges}
        return [operation.name for operation in self.apis.operations if operation not in told]


def _json(reply: httpx.Response) -> Any:
    is_json = "json" in reply.headers.get("content-type", "")
    return json.loads(reply.text, parse_float=Decimal) if is_json and reply.content else None
