"""Meters: what of the told usage counts."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import Field, StringConstraints

from services.subscription_renewal.meters import operations
from services.subscription_renewal.meters import repository as meters
from services.subscription_renewal.meters.domain import meter as rules
from services.subscription_renewal.meters.domain.meter import Meter, MeterEdit
from shared.events.meter import Aggregation, MeterData, MeterRounding
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, ExactDecimal, Moment, Name, optional
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.ids import new_id
from shared.kernel.unset import edit_of

router = APIRouter(prefix="/v1/meters", route_class=Route, tags=["meters"])
READ, WRITE = require("meters:read"), require("meters:write")
MAX_FILTERS, MAX_FILTER_VALUES, MAX_DIMENSIONS = 10, 100, 5
_STEP = "[A-Za-z_][A-Za-z0-9_-]{0,63}"
Key = Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9_.-]{0,63}$")]
DataPath = Annotated[str, StringConstraints(pattern=rf"^\$(\.{_STEP}){{1,5}}$")]
Property = Annotated[str, StringConstraints(pattern=f"^{_STEP}$")]
EventType = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern="^[!-~]+$")]
FilterValue = Annotated[str, StringConstraints(max_length=128)]
Value = Annotated[ExactDecimal, Field(ge=-(10**15), le=10**15, decimal_places=12)]
MeterKey = Annotated[str, Path(max_length=64)]


class NewMeter(Body):
    """A meter to make. Its definition never changes: another one is another meter."""

    key: Key = Field(description="How prices and requests name it.")
    name: Name
    type: EventType = Field(description="The type of the events that it counts.", examples=["api.request"])
    filter: dict[
        DataPath, Annotated[list[FilterValue], Field(min_length=1, max_length=MAX_FILTER_VALUES)]
    ] = Field(
        {},
        max_length=MAX_FILTERS,
        description="Of each path into an event's data, the values of which it must have one.",
        examples=[{"$.region": ["eu"]}],
    )
    aggregation: Aggregation
    value: DataPath | None = Field(
        None, description="The path of what is aggregated; none for count.", examples=["$.tokens"]
    )
    dimensions: list[Property] = Field(
        [], max_length=MAX_DIMENSIONS, description="Properties of the data that quantities are told apart by."
    )
    scale: Annotated[ExactDecimal, Field(gt=0, le=10**12, decimal_places=12)] = Field(
        Decimal(1), description="The aggregated value is divided by it: 1000 where prices are per thousand."
    )
    rounding: MeterRounding = Field("none", description="up: a begun unit counts as a whole one.")
    clamp_minimum: Value | None = Field(None, description="A smaller value of an event counts as this.")
    clamp_maximum: Value | None = Field(None, description="A larger value of an event counts as this.")
    counts_from: Moment | None = Field(
        None,
        description="What was used before this instant is not counted; its creation where not given. "
        "What was told before the meter was made never is.",
    )

    def to_meter(self, work: Work) -> Meter:
        """The meter that it asks for."""
        now: datetime = work.clock.now()
        given = dict(self) | {
            "filter": {path: tuple(dict.fromkeys(values)) for path, values in self.filter.items()},
            "dimensions": tuple(dict.fromkeys(self.dimensions)),
            "counts_from": self.counts_from or now,
        }
        return Meter(
            workspace_id=work.workspace_id, id=new_id(), version=1, created_at=now, updated_at=now, **given
        )


class MeterChanges(Body):
    """The name to change; `archived` for a meter that is to count nothing any more. What it counted stays."""

    name: Name = optional()
    archived: Literal[True] = optional()


@router.post("", status_code=201, dependencies=[WRITE])
async def create(body: NewMeter, response: Response, work: Work) -> MeterData:
    """Make a meter: it counts what is told from now on."""
    return _reply(await operations.create_meter(work, body.to_meter(work)), response)


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced, work: Work, *, type: EventType | None = None, is_archived: bool | None = None
) -> Page[MeterData]:
    """List meters, newest first."""
    wanted = meters.Filter(type=type, is_archived=is_archived)
    found = await meters.find(work.tx, work.workspace_id, wanted, part.window())
    return part.page(found, rules.snapshot)


@router.get("/{key}", dependencies=[READ])
async def get(key: MeterKey, response: Response, work: Work) -> MeterData:
    """Get a meter by its key."""
    return _reply(await meters.get(work.tx, work.workspace_id, key), response)


@router.patch("/{key}", dependencies=[WRITE])
async def change(
    key: MeterKey, body: MeterChanges, response: Response, expected: IfMatch, work: Work
) -> MeterData:
    """Rename a meter, or archive it for good."""
    return _reply(await operations.edit_meter(work, key, edit_of(MeterEdit, body), expected), response)


def _reply(meter: Meter, response: Response) -> MeterData:
    etag.tag(response, meter.version)
    return rules.snapshot(meter)
