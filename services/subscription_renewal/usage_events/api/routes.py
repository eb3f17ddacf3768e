"""Telling usage, looking at what was told, and taking it back."""

import asyncio
import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import simplejson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.subscription_renewal.meters import repository as meters
from services.subscription_renewal.metrics import USAGE_EVENTS
from services.subscription_renewal.usage_events.api.bodies import NDJSON, Told, read_told
from services.subscription_renewal.usage_events.api.replies import (
    AcceptedUsage,
    ConflictingEvent,
    CountedUsage,
    NewUsageEvent,
    RejectedEvent,
    RejectionData,
    UsageEventData,
)
from services.subscription_renewal.usage_events.domain.event import MAX_NAME, MAX_SOURCE, UsageEvent, Window
from services.subscription_renewal.usage_events.domain.receiving import Received, receive
from services.subscription_renewal.usage_events.operations.counting import by_type, count_events
from services.subscription_renewal.usage_events.operations.voiding import EventName, void_events
from services.subscription_renewal.usage_events.repository import events as raw
from services.subscription_renewal.usage_events.repository import rejections
from services.subscription_renewal.usage_events.repository.rejections import Rejection
from shared.http import idempotency, queries
from shared.http.fields import Body, Moment
from shared.http.internal_auth import Principal, Who, require
from shared.http.pagination import MAX_LIMIT, Meta, Page, Sliced
from shared.http.work import Work
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.json import JsonObject
from shared.messaging.work import begin
from shared.postgres.transaction import Database

router = APIRouter(prefix="/v1/usage-events", route_class=idempotency.Route, tags=["usage"])
# Its bodies are of several kinds, and its ids are what keeps a repeat from counting.
telling = APIRouter(prefix="/v1/usage-events", route_class=queries.Route, tags=["usage"])
refused = APIRouter(prefix="/v1/usage-rejections", route_class=idempotency.Route, tags=["usage"])
READ, WRITE = require("usage:read"), require("usage:write")
MAX_VOIDED = 1_000
MANY_BYTES = 64 * 1024
LOOKED_BACK = timedelta(days=1)
_EVENT = NewUsageEvent.model_json_schema()
_SEVERAL = {"type": "array", "items": _EVENT, "maxItems": 1_000}
_BODY: JsonObject = {
    "required": True,
    "description": "A CloudEvent (`application/cloudevents+json`, too), an array of them "
    "(`application/cloudevents-batch+json`), or one a line.",
    "content": {
        "application/json": {"schema": {"anyOf": [_EVENT, _SEVERAL]}},
        NDJSON[0]: {
            "schema": {"type": "string", "description": "An event a line, up to 10,000."},
            "example": '{"id": "1", "source": "/a", "type": "api.request", "subject": "acme", '
            '"time": "2026-04-11T09:00:00Z", "data": {"tokens": "5"}}\n',
        },
    },
}


class VoidedEvent(Body):
    """What names an event."""

    source: Annotated[str, Field(min_length=1, max_length=MAX_SOURCE)]
    id: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    time: Moment


class VoidEvents(Body):
    """Events to take back."""

    events: list[VoidedEvent] = Field(min_length=1, max_length=MAX_VOIDED)


class VoidReply(BaseModel):
    """What became of them."""

    voided: int
    repeated: int = Field(description="Taken back before.")
    unknown: list[ConflictingEvent] = Field(
        description="Not counted, or not yet: nothing was taken back of these."
    )


@telling.post(
    "",
    status_code=202,
    dependencies=[WRITE],
    openapi_extra={"requestBody": _BODY},
    responses={
        200: {"model": CountedUsage, "description": "Counted: in sandboxes, and with `Prefer: wait=10`."},
        202: {"content": {"application/json": {"example": {"accepted": 1, "rejected": []}}}},
    },
    response_model=AcceptedUsage,
)
async def tell(
    request: Request,
    who: Who,
    *,
    partial: Annotated[bool, Query(description="Take the good ones, and say which were rejected.")] = False,
    unmatched: Annotated[
        Literal["refuse", "keep"], Query(description="Keep what no meter counts, or refuse it.")
    ] = "refuse",
) -> Response:
    """Tell usage: an event, an array, or one a line, gzipped or not; all of it is taken, or nothing.

    An event is one by its source, id and day, so it can be sent again until it is answered.
    """
    database: Database = request.app.state.database
    told = await _read(request)
    received = await _receive(database, who, told, keeps_unmatched=unmatched == "keep")
    if not partial:
        received.require_all()
    if received.refused:
        await _keep_refused(database, who, received)
    rejected = [RejectedEvent.of(one.fault) for one in received.refused]
    counted = await _count(database, who, received.events, rejected)
    return Response(counted.model_dump_json(), 200, media_type="application/json")


@router.get("", dependencies=[READ], response_model=Page[UsageEventData])
async def list_(
    work: Work,
    *,
    subject: Annotated[str | None, Query(max_length=MAX_NAME)] = None,
    type: Annotated[str | None, Query(max_length=MAX_NAME)] = None,
    id: Annotated[str | None, Query(max_length=MAX_NAME)] = None,
    from_at: Annotated[
        Moment | None, Query(alias="from", description="A day before where not given.")
    ] = None,
    before: Annotated[Moment | None, Query(description="Now where not given.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Look at what was told, newest first."""
    until = before or work.clock.now() + timedelta(minutes=10)
    wanted = raw.Filter.between(from_at or until - LOOKED_BACK, until, subject=subject, type=type, id=id)
    after = _decode(cursor) if cursor else None
    found = await raw.find(work.tx, work.workspace_id, wanted, after, limit + 1)
    more = _encode(found[limit - 1]) if len(found) > limit else None
    page = Page[UsageEventData].model_construct(
        data=[_show(event) for event in found[:limit]], meta=Meta(limit=limit, next_cursor=more)
    )
    # By hand, since numbers of the data keep every digit.
    content = simplejson.dumps(
        page.model_dump(warnings=False), use_decimal=True, default=_instant, ensure_ascii=False
    )
    return Response(content, media_type="application/json")


@router.post("/void", dependencies=[WRITE])
async def void(body: VoidEvents, work: Work) -> VoidReply:
    """Take events back. Their ids stay used: what is told in their place has ids of its own."""
    done = await void_events(work, [EventName(one.source, one.id, one.time) for one in body.events])
    unknown = [ConflictingEvent(source=one.source, id=one.id, time=one.time) for one in done.unknown]
    return VoidReply(voided=done.count, repeated=done.repeated_count, unknown=unknown)


@refused.get("", dependencies=[READ])
async def list_rejections(
    part: Sliced, work: Work, *, code: Annotated[str | None, Query(max_length=64)] = None
) -> Page[RejectionData]:
    """What was refused of requests whose other events were taken, newest first; kept for 30 days."""
    wanted = rejections.Filter(code=code)
    found = await rejections.find(work.tx, work.workspace_id, wanted, part.window())
    return part.page(found, lambda one: RejectionData.model_validate(one, from_attributes=True))


async def _read(request: Request) -> Told:
    content = await request.body()
    media = request.headers.get("content-type", "")
    encoding = request.headers.get("content-encoding", "")
    if len(content) < MANY_BYTES and not encoding:
        return read_told(content, media, encoding)
    # Other requests of this process go on meanwhile.
    return await asyncio.to_thread(read_told, content, media, encoding)


async def _receive(database: Database, who: Principal, told: Told, *, keeps_unmatched: bool) -> Received:
    async with database.transaction(who.workspace_id) as tx:
        found = by_type(await meters.counting_now(tx, who.workspace_id))
    by_name = {type_: several for (_, type_), several in found.items()}
    window = Window.at(who.clock.now(), who.workspace_id, is_sandbox=who.mode == "sandbox")
    return await asyncio.to_thread(
        receive, told.values, told.places, window, by_name, keeps_unmatched=keeps_unmatched
    )


async def _keep_refused(database: Database, who: Principal, received: Received) -> None:
    kept = [
        Rejection(new_id(), one.fault.code, one.fault.pointer, one.fault.message, _text(one.value))
        for one in received.refused
    ]
    async with database.transaction(who.workspace_id) as tx:
        await rejections.insert(tx, who.workspace_id, kept)
    USAGE_EVENTS.labels("rejected").inc(len(kept))


async def _count(
    database: Database, who: Principal, events: Sequence[UsageEvent], rejected: list[RejectedEvent]
) -> CountedUsage:
    async with begin(database, who.workspace_id) as unit:
        done = await count_events(unit, events)
    return CountedUsage(
        counted=done.count,
        repeated=done.repeated_count,
        conflicting=[ConflictingEvent(source=one.source, id=one.id, time=one.at) for one in done.conflicting],
        rejected=rejected,
    )


def _text(value: object) -> str:
    return simplejson.dumps(value, use_decimal=True, ensure_ascii=False)[:2_000]


def _show(event: raw.StoredEvent) -> UsageEventData:
    return UsageEventData.model_construct(
        source=event.source,
        id=event.id,
        type=event.type,
        subject=event.subject,
        time=event.at,
        data=json.loads(event.data, parse_float=Decimal),
        received_at=event.received_at,
        voided_at=event.voided_at,
    )


def _instant(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat().replace("+00:00", "Z")


def _encode(event: raw.StoredEvent) -> str:
    said = json.dumps({"at": event.at.isoformat(), "key": str(event.key)})
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def _decode(cursor: str) -> raw.After:
    try:
        said = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        at = datetime.fromisoformat(said["at"])
        return raw.After(at.astimezone(), UUID(said["key"]))
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid("The cursor is not one of ours.", field="cursor") from error
