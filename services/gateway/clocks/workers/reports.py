"""Asks every service where it stands with one sandbox, the gateway itself included."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.gateway.clocks.domain import Report, Round
from services.gateway.upstream import Upstreams
from shared.http.internal_auth import InternalTokens, Principal
from shared.kernel.errors import Unavailable
from shared.kernel.json import JsonObject

PATH = "/internal/clock"
ACTOR = "gateway:clock"
Own = Callable[[UUID, dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class ClockReports:
    """The question to each service; `own` answers it for the gateway's own events."""

    upstreams: Upstreams
    tokens: InternalTokens
    own: Own

    async def ask(self, workspace_id: UUID, last: Round) -> dict[str, Report]:
        """Each service's answer, by its name; raises Unavailable where one is missing."""
        question = {
            "published": [[str(event_id), type_] for event_id, type_ in last.published],
            "heard": [str(event_id) for event_id in last.heard],
        }
        principal = Principal(workspace_id, ACTOR, frozenset({"sandbox:write"}), "sandbox")
        token = self.tokens.sign(principal)
        body = json.dumps(question).encode()
        services = list(self.upstreams.urls)
        answers = await asyncio.gather(
            self.own(workspace_id, question), *(self._answer(service, token, body) for service in services)
        )
        return {
            name: _to_report(answer) for name, answer in zip(("gateway", *services), answers, strict=True)
        }

    async def _answer(self, service: str, token: str, body: bytes) -> JsonObject:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        answer = await self.upstreams[service].ask("POST", PATH, headers, body)
        if not answer.is_success:
            raise Unavailable(f"The {service} service answered {answer.status}.", retry_after_seconds=1)
        found: dict[str, Any] = answer.json()
        return found


def _to_report(answer: JsonObject) -> Report:
    due_at = answer["next_due_at"]
    return Report(
        next_due_at=datetime.fromisoformat(due_at) if due_at else None,
        published=tuple((UUID(event_id), type_) for event_id, type_ in answer["published"]),
        unheard=frozenset(map(UUID, answer["unheard"])),
    )
