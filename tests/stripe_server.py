"""The sandbox provider's second face: a small HTTP server that speaks Stripe's language.

`python -m tests.stripe_server --port 12111 --file sandbox.db` runs it as a process of
its own, which stands for an outside provider: what it charged is on its own disk.
"""

import argparse
import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

from aiohttp import web

from services.payment.sandbox.providers.cards import CardFault
from services.payment.sandbox.providers.checkouts import Checkouts
from services.payment.sandbox.providers.effects import Refused
from services.payment.sandbox.providers.engine import Engine, Reply
from services.payment.sandbox.providers.store import Document, SandboxStore
from tests.stripe_store import FileStore

Form: TypeAlias = dict[str, Any]
Handler = Callable[[web.Request, Engine, Form, str], Awaitable[Reply | Document]]
_PART = re.compile(r"\[([^\]]*)\]")


@dataclass(slots=True)
class Conduct:
    """How the server behaves besides its cards: slow, forgetful of replies, or hanging."""

    latency_ms: int = 0
    slow_ms: int = 2_000
    # A lost reply cuts the connection after so long.
    hang_ms: int = 0
    lose_percent: int = 0
    random: Random = field(default_factory=Random)


def make_app(book: SandboxStore, conduct: Conduct) -> web.Application:
    """The server; each secret key is an account of its own."""
    app = web.Application()
    for method, path, handle in ROUTES:
        app.router.add_route(method, path, _answering(book, conduct, handle))
    return app


def _answering(book: SandboxStore, conduct: Conduct, handle: Handler) -> Callable[[web.Request], Any]:
    async def answer(request: web.Request) -> web.StreamResponse:
        secret_key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not secret_key.startswith("sk_test_"):
            return _problem(401, {"type": "invalid_request_error", "message": "Invalid API Key provided"})
        await asyncio.sleep(conduct.latency_ms / 1000)
        form = nested((await request.post()).items()) if request.method == "POST" else dict(request.query)
        try:
            engine = Engine(book, secret_key)
            reply = await handle(request, engine, form, request.headers.get("idempotency-key", ""))
        except Refused as error:
            said = {"type": "invalid_request_error", "code": error.code, "message": error.message}
            return _problem(error.status, said)
        return await _send_reply(request, conduct, reply if isinstance(reply, Reply) else Reply(reply))

    return answer


async def _send_reply(request: web.Request, conduct: Conduct, reply: Reply) -> web.StreamResponse:
    is_lost = request.path.startswith("/v1") and conduct.random.randrange(100) < conduct.lose_percent
    if reply.fault is CardFault.REPLY_LOST or is_lost:
        await asyncio.sleep(conduct.hang_ms / 1000)
        if request.transport:
            request.transport.abort()
        return web.Response(status=499)
    if reply.fault is CardFault.SLOW:
        await asyncio.sleep(conduct.slow_ms / 1000)
    elif reply.fault is CardFault.RATE_LIMITED:
        return _problem(429, {"type": "rate_limit_error", "message": "Too many requests"})
    elif reply.fault is not None:
        return _problem(500, {"type": "api_error", "message": "Something went wrong"})
    document = reply.document
    if document.get("last_payment_error") and request.path.endswith("/confirm"):
        return _problem(402, {**document["last_payment_error"], "payment_intent": document})
    return web.json_response(document)


def _problem(status: int, error: Document) -> web.Response:
    return web.json_response({"error": error}, status=status)


def nested(items: Any) -> Form:
    """Form fields such as `metadata[id]=1` as nested dicts."""
    form: Form = {}
    for name, value in items:
        place, parts = form, [name.partition("[")[0], *_PART.findall(name)]
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1]] = value
    return form


async def _create_customer(_: web.Request, engine: Engine, form: Form, key: str) -> Reply:
    return await engine.create_customer(form.get("metadata", {}), key)


async def _create_setup_intent(_: web.Request, engine: Engine, form: Form, key: str) -> Reply:
    return await engine.create_setup_intent(form.get("customer"), form.get("metadata", {}), key)


async def _confirm_setup_intent(request: web.Request, engine: Engine, form: Form, _: str) -> Reply:
    return await engine.confirm_setup_intent(request.match_info["id"], form.get("test_card", "success"))


async def _create_intent(_: web.Request, engine: Engine, form: Form, key: str) -> Reply:
    return await engine.create_intent({**form, "amount": int(form["amount"])}, key)


async def _confirm_intent(request: web.Request, engine: Engine, form: Form, key: str) -> Reply:
    return await engine.confirm_intent(request.match_info["id"], form.get("off_session") == "true", key)


async def _authenticate_intent(request: web.Request, engine: Engine, _: Form, __: str) -> Reply:
    return await engine.authenticate_intent(request.match_info["id"])


async def _cancel_intent(request: web.Request, engine: Engine, _: Form, __: str) -> Reply:
    return await engine.cancel_intent(request.match_info["id"])


async def _get_intent(request: web.Request, engine: Engine, _: Form, __: str) -> Reply:
    return await engine.get_intent(request.match_info["id"])


async def _search_intents(_: web.Request, engine: Engine, form: Form, __: str) -> Document:
    collection_id = form["query"].partition(":")[2].strip("'")
    return _listed((await engine.find("payment_intent", collection_id))[::-1])


async def _create_refund(_: web.Request, engine: Engine, form: Form, key: str) -> Reply:
    return await engine.create_refund({**form, "amount": int(form.get("amount", 0))}, key)


async def _list_refunds(_: web.Request, engine: Engine, form: Form, __: str) -> Document:
    return _listed((await engine.find("refund", form.get("payment_intent")))[::-1])


async def _detach_method(request: web.Request, engine: Engine, _: Form, __: str) -> Reply:
    return await engine.detach_method(request.match_info["id"])


async def _make_method(_: web.Request, engine: Engine, form: Form, __: str) -> Reply:
    return await engine.create_method(form.get("test_card", "success"), form.get("customer"))


async def _open_dispute(request: web.Request, engine: Engine, _: Form, __: str) -> Reply:
    return await engine.open_dispute(request.match_info["id"])


async def _decide_dispute(request: web.Request, engine: Engine, form: Form, __: str) -> Reply:
    return await engine.decide_dispute(request.match_info["id"], form["outcome"])


async def _fail_refund(request: web.Request, engine: Engine, form: Form, __: str) -> Reply:
    return await engine.fail_refund(request.match_info["id"], form.get("reason", "lost_or_stolen_card"))


async def _list_events(_: web.Request, engine: Engine, form: Form, __: str) -> Document:
    found = await engine.find("event")
    ids = [event["id"] for event in found]
    start = ids.index(form["ending_before"]) + 1 if form.get("ending_before") in ids else 0
    newer = found[start : start + 100] if form.get("ending_before") else found[-1:]
    return _listed(newer[::-1])


async def _forget_keys(_: web.Request, engine: Engine, __: Form, ___: str) -> Document:
    await engine.forget_keys()
    return {"object": "sandbox"}


def _getting(kind: str) -> Handler:
    async def get(request: web.Request, engine: Engine, _: Form, __: str) -> Document:
        return await engine.get(kind, request.match_info["id"])

    return get


def _listed(documents: list[Document]) -> Document:
    return {"object": "list", "data": documents, "has_more": False}


async def _create_checkout(request: web.Request, engine: Engine, form: Form, key: str) -> Reply:
    price = form["line_items"]["0"]["price_data"]
    fields = {
        "amount_total": int(price["unit_amount"]) * int(form["line_items"]["0"]["quantity"]),
        "currency": price["currency"],
        "description": price["product_data"]["name"],
        "success_url": form["success_url"],
        "cancel_url": form["cancel_url"],
        "expires_at": int(form["expires_at"]),
        "metadata": form.get("metadata", {}),
    }
    return await Checkouts(engine).create(fields, f"http://{request.host}/sandbox/pages", key)


async def _get_checkout(request: web.Request, engine: Engine, _: Form, __: str) -> Reply:
    return await Checkouts(engine).get(request.match_info["id"])


async def _expire_checkout(request: web.Request, engine: Engine, _: Form, __: str) -> Reply:
    return await Checkouts(engine).expire(request.match_info["id"])


async def _pay_checkout(request: web.Request, engine: Engine, form: Form, _: str) -> Reply:
    return await Checkouts(engine).pay(request.match_info["id"], form.get("test_card", "success"))


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/v1/customers", _create_customer),
    ("POST", "/v1/setup_intents", _create_setup_intent),
    ("GET", "/v1/setup_intents/{id}", _getting("setup_intent")),
    ("POST", "/v1/payment_intents", _create_intent),
    ("GET", "/v1/payment_intents/search", _search_intents),
    ("GET", "/v1/payment_intents/{id}", _get_intent),
    ("POST", "/v1/payment_intents/{id}/confirm", _confirm_intent),
    ("POST", "/v1/payment_intents/{id}/cancel", _cancel_intent),
    ("POST", "/v1/refunds", _create_refund),
    ("GET", "/v1/refunds", _list_refunds),
    ("GET", "/v1/refunds/{id}", _getting("refund")),
    ("GET", "/v1/disputes/{id}", _getting("dispute")),
    ("GET", "/v1/payment_methods/{id}", _getting("payment_method")),
    ("POST", "/v1/payment_methods/{id}/detach", _detach_method),
    ("POST", "/v1/checkout/sessions", _create_checkout),
    ("GET", "/v1/checkout/sessions/{id}", _get_checkout),
    ("POST", "/v1/checkout/sessions/{id}/expire", _expire_checkout),
    ("GET", "/v1/events", _list_events),
    # Not Stripe's: what a payer, a bank or time would do.
    ("POST", "/sandbox/payment_methods", _make_method),
    ("POST", "/sandbox/setup_intents/{id}/confirm", _confirm_setup_intent),
    ("POST", "/sandbox/payment_intents/{id}/authenticate", _authenticate_intent),
    ("POST", "/sandbox/payment_intents/{id}/dispute", _open_dispute),
    ("POST", "/sandbox/disputes/{id}/decide", _decide_dispute),
    ("POST", "/sandbox/refunds/{id}/fail", _fail_refund),
    ("POST", "/sandbox/checkout/sessions/{id}/pay", _pay_checkout),
    ("POST", "/sandbox/forget_keys", _forget_keys),
)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="A payment provider for tests that speaks as Stripe does.")
    parser.add_argument("--port", type=int, default=12_111)
    parser.add_argument("--file", type=Path, required=True)
    for name in ("latency-ms", "slow-ms", "hang-ms", "lose-percent", "seed"):
        parser.add_argument(f"--{name}", type=int, default=2_000 if name == "slow-ms" else 0)
    told = parser.parse_args()
    conduct = Conduct(told.latency_ms, told.slow_ms, told.hang_ms, told.lose_percent, Random(told.seed))
    app = make_app(FileStore(told.file), conduct)
    web.run_app(app, host="127.0.0.1", port=told.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
