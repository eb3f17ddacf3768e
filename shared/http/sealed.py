"""Routes whose replies hold a secret: what Idempotency-Key stores of them is encrypted."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from shared.http.idempotency import Route
from shared.kernel.key_ring import KeyRing, is_envelope, place

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Sealing(APIRoute):
    """Closest to the handler: encrypts the reply, which Route then stores."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def seal(request: Request) -> Response:
            response = await handle(request)
            keyed = request.scope.get("idempotency")
            if not keyed:
                return response
            return _with_body(response, _ring(request).encrypt(bytes(response.body), _place(request)))

        return seal


class Opening(Route):
    """Outside of Route: decrypts what was stored now or at an earlier request with the key."""

    def get_route_handler(self) -> Handler:
        answer = super().get_route_handler()

        async def open_seal(request: Request) -> Response:
            response = await answer(request)
            is_stored = request.scope.get("idempotency") or "idempotent-replayed" in response.headers
            # What was stored before the route was sealed stands in the open, until it is pruned.
            if not is_stored or not is_envelope(bytes(response.body)):
                return response
            return _with_body(response, _ring(request).decrypt(bytes(response.body), _place(request)))

        return open_seal


class SealedRoute(Opening, Sealing):
    """A route that stores its replies encrypted with the app's `key_ring`.

    With a Route of its own a service writes `class …(Opening, ItsRoute, Sealing)`.
    """


def _with_body(response: Response, body: bytes) -> Response:
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(body, response.status_code, headers)


def _ring(request: Request) -> KeyRing:
    ring: KeyRing = request.app.state.key_ring
    return ring


def _place(request: Request) -> bytes:
    workspace_id = request.scope["principal"].workspace_id
    return place(workspace_id, "idempotency_key", request.headers["idempotency-key"], "body")
