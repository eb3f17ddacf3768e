"""`include=webhooks` on an invoice's timeline: the webhook service's attempts between the invoice's facts."""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from services.gateway.edge.authentication import Caller
from services.gateway.edge.gateway import Gateway
from shared.http.client import Answer
from shared.kernel.errors import Unavailable
from shared.kernel.json import JsonObject

_PATH = re.compile(r"/v1/invoices/((?!\.{1,2}/)[^/]{1,100})/events")
_ID = re.compile(r"[0-9A-Fa-f-]{32,36}")
_TYPES = {"delivered": "webhook.delivered", "pending": "webhook.delayed"}
_LOST = "webhook.failed"
Entry = Mapping[str, Any]


def with_webhooks(method: str, path: str, query: bytes) -> str | None:
    """The id or number, as it was written, where an invoice's timeline is asked for with its webhooks."""
    if method != "GET" or b"webhooks" not in query or not (found := _PATH.fullmatch(path)):
        return None
    asked = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    return found[1] if asked.get("include", [])[-1:] == ["webhooks"] else None


async def merged(gateway: Gateway, caller: Caller, target: str, invoice_id: str) -> Answer:
    """The timeline with its webhooks, or whichever refusal comes first; raises Unavailable.

    A timeline without its webhooks would read as if nobody had been told.
    """
    facts, attempts = await _ask(gateway, caller, target, invoice_id)
    if not facts.is_success:
        return facts
    if attempts.status in (401, 403):
        return attempts
    if not attempts.is_success:
        raise Unavailable(f"The webhook service answered {attempts.status}.", retry_after_seconds=1)
    said = facts.json()
    said["data"] = merge(said["data"], map(entry, attempts.json()), caller.workspace.mode == "live")
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    kept = {name: value for name, value in facts.headers.items() if name.lower() != "content-length"}
    return replace(facts, headers=kept, body=body)


async def _ask(gateway: Gateway, caller: Caller, target: str, name: str) -> tuple[Answer, Answer]:
    headers = {"authorization": caller.authorization}

    async def attempts_about(invoice_id: str) -> Answer:
        path = f"/internal/attempts?resource_id={invoice_id}"
        return await gateway.upstreams["webhook_delivery"].ask("GET", path, dict(headers))

    facts = gateway.upstreams["invoice"].ask("GET", target, dict(headers))
    if _ID.fullmatch(name):
        return await asyncio.gather(facts, attempts_about(name))
    timeline = await facts
    if not timeline.is_success:
        return timeline, timeline
    # Attempts are kept by the id, which the timeline's own link says.
    return timeline, await attempts_about(timeline.json()["webhooks"].rpartition("=")[2])


def entry(attempt: Entry) -> JsonObject:
    """An attempt as the timeline shows it."""
    shown = dict(attempt)
    version, at = shown.pop("resource_version"), shown.pop("at")
    return {
        "sequence": version,
        "type": _TYPES.get(attempt["state"], _LOST),
        "actor": "channel:webhook",
        "occurred_at": at,
        **dict.fromkeys(("level", "recipient", "payment_id", "amount_minor", "currency")),
        "channel": "webhook",
        "detail": attempt["reason"] or attempt["error"],
        "webhook": shown,
    }


def merge(facts: Sequence[Entry], attempts: Iterable[Entry], is_on_real_time: bool) -> list[Entry]:
    """Facts and attempts, each oldest first, in one order: by version, within one by time.

    The clock of a sandbox says nothing of real time: there attempts stand behind the facts of their version.
    """
    found, waiting = [], sorted(attempts, key=lambda one: (one["sequence"], _moment(one)))
    for fact in facts:
        while waiting and _is_before(waiting[0], fact, is_on_real_time):
            found.append(waiting.pop(0))
        found.append(fact)
    return [*found, *waiting]


def _is_before(attempt: Entry, fact: Entry, is_on_real_time: bool) -> bool:
    if attempt["sequence"] != fact["sequence"]:
        return bool(attempt["sequence"] < fact["sequence"])
    return is_on_real_time and _moment(attempt) < _moment(fact)


def _moment(one: Entry) -> datetime:
    # As text, half a second later would come first.
    return datetime.fromisoformat(one["occurred_at"])
