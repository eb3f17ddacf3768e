"""HTTP in: dunning campaigns, and what a workspace wants done about failed collections."""

from typing import Annotated, get_args
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from services.subscription_renewal.dunning.domain import campaign as rules
from services.subscription_renewal.dunning.domain.campaign import Dunning
from services.subscription_renewal.dunning.domain.settings import (
    DunningSettings,
    NamedPreset,
    Preset,
    SettingsEdit,
)
from services.subscription_renewal.dunning.operations import campaigns as operations
from services.subscription_renewal.dunning.operations import settings as settings_operations
from services.subscription_renewal.dunning.repository import campaigns
from services.subscription_renewal.dunning.repository import settings as dunning_settings
from shared.events.dunning import DunningData, DunningStatus, TerminalAction
from shared.events.fields import Instant
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, optional
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.errors import Invalid
from shared.kernel.unset import edit_of

router = APIRouter(prefix="/v1/dunning", route_class=Route, tags=["dunning"])
READ, WRITE = require("dunning:read"), require("dunning:write")
Days = Annotated[int, Field(strict=True, ge=1, le=60)]


class DunningSettingsData(BaseModel):
    """What is done about invoices whose automatic collection fails."""

    version: int
    updated_at: Instant | None
    preset: Preset
    intervals_days: list[int] = Field(description="Days from each failure to the next attempt.")
    terminal_action: TerminalAction = Field(
        description="After the last attempt: cancel the subscription, write the invoice off, or leave both."
    )


class DunningSettingsChanges(Body):
    """The settings to change; a preset, or intervals of one's own."""

    preset: NamedPreset = optional()
    intervals_days: Annotated[list[Days], Field(min_length=1, max_length=20)] = optional()
    terminal_action: TerminalAction = optional()


@router.get("/settings", dependencies=[READ])
async def get_settings(response: Response, work: Work) -> DunningSettingsData:
    """What is done about failed collections."""
    return _settings_reply(await dunning_settings.get(work.tx, work.workspace_id), response)


@router.patch("/settings", dependencies=[WRITE])
async def change_settings(
    body: DunningSettingsChanges, response: Response, expected: IfMatch, work: Work
) -> DunningSettingsData:
    """Change it for campaigns that begin from now on; those that run keep their schedule."""
    if {"preset", "intervals_days"} <= body.model_fields_set:
        raise Invalid("Give a preset or intervals, not both.", field="intervals_days")
    edited = await settings_operations.edit_settings(work, edit_of(SettingsEdit, body), expected)
    return _settings_reply(edited, response)


@router.get("", dependencies=[READ], summary="List dunning campaigns")
async def list_(
    part: Sliced,
    work: Work,
    *,
    status: Annotated[list[str] | None, Query(description="One or several.")] = None,
    invoice_id: UUID | None = None,
    subscription_id: UUID | None = None,
    contact_id: UUID | None = None,
) -> Page[DunningData]:
    """List campaigns, newest first."""
    wanted = campaigns.Filter(
        status=_statuses(status),
        invoice_id=invoice_id,
        subscription_id=subscription_id,
        contact_id=contact_id,
    )
    found = await campaigns.find(work.tx, work.workspace_id, wanted, part.window())
    return part.page(found, rules.snapshot)


@router.get("/{dunning_id}", dependencies=[READ], summary="Get a dunning campaign")
async def get(dunning_id: UUID, response: Response, work: Work) -> DunningData:
    """Get a campaign with what is left of its schedule."""
    return _reply(await campaigns.get(work.tx, work.workspace_id, dunning_id), response)


@router.post("/{dunning_id}/stop", dependencies=[WRITE], summary="Stop a dunning campaign")
async def stop(dunning_id: UUID, response: Response, work: Work) -> DunningData:
    """End a campaign: nothing is retried any more, and its terminal action is not done."""
    return _reply(await operations.stop(work, dunning_id), response)


def _statuses(given: list[str] | None) -> list[str] | None:
    wanted = [word for text in given for word in text.split(",")] if given else None
    unknown = set(wanted or ()) - set(get_args(DunningStatus))
    if unknown:
        raise Invalid(f"{min(unknown)!r} is none of {', '.join(get_args(DunningStatus))}.", field="status")
    return wanted


def _reply(dunning: Dunning, response: Response) -> DunningData:
    etag.tag(response, dunning.version)
    return rules.snapshot(dunning)


def _settings_reply(settings: DunningSettings, response: Response) -> DunningSettingsData:
    etag.tag(response, settings.version)
    return DunningSettingsData.model_validate(settings, from_attributes=True)
