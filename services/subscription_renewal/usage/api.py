"""What usage adds up to: by meter as JSON or CSV, and all of it as CSV."""

import json
import zlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from services.subscription_renewal.copies.repository import contacts
from services.subscription_renewal.meters import repository as meters
from services.subscription_renewal.meters.api import MeterKey
from services.subscription_renewal.meters.domain.meter import Meter
from services.subscription_renewal.usage import repository
from services.subscription_renewal.usage.domain.sums import Span, Sums
from services.subscription_renewal.usage.domain.table import csv_text
from services.subscription_renewal.usage.operations import span_of, sum_usage
from services.subscription_renewal.usage.repository import Grain, Group, WantedUsage
from shared.events.fields import DecimalText, Instant
from shared.http.fields import Moment
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.work import Work
from shared.kernel.errors import FieldError, Invalid, raise_not_found
from shared.messaging.work import Work as UnitOfWork
from shared.postgres.pool import Row
from shared.postgres.transaction import Database

router = APIRouter(route_class=Route, tags=["usage"])
READ = require("usage:read")
MAX_SLOTS = 5_000
PAGE_ROWS = 2_000
SUBJECT = "subject"
CSV = "text/csv"
_LENGTHS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


class UsageRow(BaseModel):
    """What was used within an hour, a day, or the whole time; where nothing was, there is no row."""

    from_at: Instant
    until_at: Instant
    subject: str | None = Field(description="Whose, where told apart by it.")
    group: dict[str, str] = Field(description="The values of the dimensions that it is told apart by.")
    value: DecimalText = Field(description="By the meter's aggregation.")
    quantity: DecimalText = Field(
        description="The value divided by the meter's scale; rounded as it says only in a total."
    )
    events: int = Field(description="How many events it is made of.")


class UsageReply(BaseModel):
    """What a meter has."""

    meter: str
    from_at: Instant
    until_at: Instant
    rows: list[UsageRow]


@router.get(
    "/v1/meters/{key}/usage",
    dependencies=[READ],
    response_model=UsageReply,
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}},
)
async def get_usage(
    key: MeterKey,
    work: Work,
    *,
    from_at: Annotated[Moment, Query(alias="from")],
    before: Moment,
    grain: Grain = "total",
    subject: Annotated[list[str] | None, Query(max_length=100, description="One or several.")] = None,
    contact_id: Annotated[
        UUID | None, Query(description="What has the contact's id or external_id as subject.")
    ] = None,
    group_by: Annotated[
        str | None, Query(max_length=400, description="Dimensions of the meter, and `subject`; by commas.")
    ] = None,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> UsageReply | Response:
    """What a meter has between two instants, to the microsecond; as CSV where `accept` is text/csv."""
    meter = await meters.get(work.tx, work.workspace_id, key)
    names = [name for name in (group_by or "").split(",") if name]
    subjects = await _subjects(work, subject, contact_id)
    span = span_of(from_at, before)
    _require_grain(span, grain, subjects)
    wanted = WantedUsage(
        meter=meter,
        subjects=subjects,
        span=span,
        group_by=_dimensions(meter, names),
        by_subject=SUBJECT in names,
    )
    rows = _rows(wanted, await sum_usage(work.tx, [wanted], grain), grain)
    if accept and CSV in accept:
        return Response(_table(wanted, rows), media_type=CSV)
    return UsageReply(meter=meter.key, from_at=from_at, until_at=before, rows=rows)


@router.get(
    "/v1/usage/export", dependencies=[READ], response_class=Response, responses={200: {"content": {CSV: {}}}}
)
async def export(
    request: Request,
    who: Who,
    *,
    from_at: Annotated[Moment, Query(alias="from")],
    before: Moment,
    grain: Annotated[
        Literal["event", "hour"], Query(description="Each event, or each meter's hours (UTC).")
    ] = "hour",
    gzip: Annotated[bool, Query(description="Gzipped.")] = False,
) -> StreamingResponse:
    """All usage between two instants as CSV, however much it is."""
    lines = _export(request.app.state.database, who.workspace_id, span_of(from_at, before), grain)
    if gzip:
        return StreamingResponse(_gzipped(lines), media_type="application/gzip")
    return StreamingResponse(lines, media_type=CSV)


async def _subjects(
    work: UnitOfWork, given: Sequence[str] | None, contact_id: UUID | None
) -> Sequence[str] | None:
    if contact_id is None:
        return given
    if given:
        raise Invalid("Give subjects or a contact, not both.", field="contact_id")
    contact = await contacts.get(work.tx, work.workspace_id, contact_id)
    if contact is None:
        raise_not_found("contact", contact_id)
    return [str(contact_id), *([contact.external_id] if contact.external_id else [])]


def _dimensions(meter: Meter, names: Sequence[str]) -> Sequence[str]:
    known = [name for name in names if name != SUBJECT]
    for name in known:
        if name not in meter.dimensions:
            raise Invalid(
                errors=(
                    FieldError("group_by", f"{name} is none of the meter's: {', '.join(meter.dimensions)}"),
                )
            )
    return known


def _require_grain(span: Span, grain: Grain, subjects: Sequence[str] | None) -> None:
    if grain in _LENGTHS and (span.until_at - span.from_at) / _LENGTHS[grain] > MAX_SLOTS:
        raise Invalid(f"These are more than {MAX_SLOTS} {grain}s.", field="grain")
    if subjects is None and span.cuts:
        raise Invalid("Without a subject, from and before are whole hours (UTC).", field="from")


def _rows(wanted: WantedUsage, sums: dict[Group, Sums], grain: Grain) -> list[UsageRow]:
    ordered = sorted(sums.items(), key=lambda one: (str(one[0].slot), one[0].subject, one[0].values))
    return [_row(wanted, group, summed, grain) for group, summed in ordered if summed.count]


def _row(wanted: WantedUsage, group: Group, summed: Sums, grain: Grain) -> UsageRow:
    span, value = wanted.span, summed.value(wanted.meter)
    start = group.slot or span.from_at
    end = start + _LENGTHS[grain] if grain in _LENGTHS else span.until_at
    return UsageRow(
        from_at=max(start, span.from_at),
        until_at=min(end, span.until_at),
        subject=group.subject if wanted.by_subject else None,
        group=dict(zip(wanted.group_by, json.loads(group.values), strict=True)),
        value=value,
        quantity=wanted.meter.quantity(value, is_whole=grain == "total"),
        events=summed.count,
    )


def _table(wanted: WantedUsage, rows: Sequence[UsageRow]) -> str:
    head = ["from_at", "until_at", SUBJECT, *wanted.group_by, "value", "quantity", "events"]
    return csv_text(
        [
            head,
            *(
                [
                    _instant(row.from_at),
                    _instant(row.until_at),
                    row.subject,
                    *(row.group[name] for name in wanted.group_by),
                    row.value,
                    row.quantity,
                    row.events,
                ]
                for row in rows
            ),
        ]
    )


async def _export(
    database: Database, workspace_id: UUID, span: Span, grain: Literal["event", "hour"]
) -> AsyncIterator[bytes]:
    is_raw = grain == "event"
    head = (
        ["time", "type", SUBJECT, "source", "id", "data", "voided_at"]
        if is_raw
        else ["hour", "meter", SUBJECT, "dimensions", "events", "sum", "max", "min", "latest"]
    )
    yield csv_text([head]).encode()
    after: Row | None = None
    while True:
        # A transaction a page: a slow reader holds no row and no connection.
        async with database.transaction(workspace_id) as tx:
            page = repository.page_events if is_raw else repository.page_hours
            rows = await page(tx, workspace_id, span, after, PAGE_ROWS)
        if rows:
            yield csv_text([_event_cells(row) if is_raw else _hour_cells(row) for row in rows]).encode()
        if len(rows) < PAGE_ROWS:
            return
        after = rows[-1]


def _event_cells(row: Row) -> list[object]:
    voided_at = _instant(row["voided_at"]) if row["voided_at"] else None
    names = ("type", "subject", "source", "id", "data")
    return [_instant(row["at"]), *(row[name] for name in names), voided_at]


def _hour_cells(row: Row) -> list[object]:
    names = ("key", "subject", "dimensions", "count", "sum", "max", "min", "latest")
    return [_instant(row["hour"]), *(row[name] for name in names)]


async def _gzipped(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    async for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
