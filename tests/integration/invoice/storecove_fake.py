"""A small server that answers as Storecove's documented routes do, and can be told to fail."""

import asyncio
import base64
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import web

API_KEY = "storecove-key-of-tests"


@dataclass
class StorecoveFake:
    """Its books. `faults` are what the next submissions meet, one each: a status, `lost` or `slow`."""

    faults: list[Any] = field(default_factory=list)
    submissions: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: list[dict[str, Any]] = field(default_factory=list)
    is_sent: bool = False
    is_receiver_known: bool = True
    url: str = ""
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port of this machine."""
        app = web.Application()
        app.router.add_post("/document_submissions", self._submit)
        app.router.add_get("/document_submissions/{guid}/evidence", self._evidence)
        app.router.add_post("/discovery/receives", self._receives)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening."""
        assert self._runner is not None
        await self._runner.cleanup()

    def document(self) -> bytes:
        """What was handed in first."""
        raw = next(iter(self.submissions.values()))["document"]["rawDocumentData"]
        return base64.b64decode(raw["document"])

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        self._authenticate(request)
        body = await request.json()
        self.seen.append(body)
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, int):
            return web.json_response({"errors": [{"source": "document", "details": "no"}]}, status=fault)
        # Of one idempotencyGuid the first alone is processed.
        kept = self.submissions.setdefault(body["idempotencyGuid"], {**body, "guid": str(uuid4())})
        if fault == "lost":
            assert request.transport is not None
            request.transport.close()
        if fault == "slow":
            await asyncio.sleep(0.7)
        return web.json_response({"guid": kept["guid"]})

    async def _evidence(self, request: web.Request) -> web.StreamResponse:
        self._authenticate(request)
        known = any(one["guid"] == request.match_info["guid"] for one in self.submissions.values())
        if not known or not self.is_sent:
            return web.json_response({}, status=404)
        return web.json_response(
            {
                "network": "peppol",
                "sender": "NL:KVK::12345678",
                "receiver": "BE:EN::0403170701",
                "evidence": {"message_id": "m-1"},
                "documents": [{"document": "PD94…"}],
            }
        )

    async def _receives(self, request: web.Request) -> web.StreamResponse:
        self._authenticate(request)
        self.seen.append(await request.json())
        return web.json_response({"code": "OK" if self.is_receiver_known else "NOK"})

    def _authenticate(self, request: web.Request) -> None:
        if request.headers.get("authorization") != f"Bearer {API_KEY}":
            raise web.HTTPUnauthorized
