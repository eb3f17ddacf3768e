"""HTTP in: why something stands where it stands, told in sentences."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.edge.authentication import Caller
from services.gateway.edge.entry import authenticated
from services.gateway.explanations.api import gather
from services.gateway.explanations.domain import explaining
from services.gateway.explanations.domain.snapshot import Severity
from shared.http.idempotency import Route

router = APIRouter(
    prefix="/v1/explain", route_class=Route, tags=["explain"], dependencies=[Depends(authenticated)]
)
Name = Annotated[
    str,
    Path(
        min_length=1,
        max_length=200,
        description="The id of an invoice, credit note, payment, subscription, message or delivery; the "
        "number of an invoice or credit note; a webhook-id (`msg_…`).",
        examples=["2026-0042"],
    ),
]


class Subject(BaseModel):
    """What is explained."""

    model_config = ConfigDict(from_attributes=True)

    type: str = Field(examples=["invoice"])
    id: str
    number: str | None


class FindingReply(BaseModel):
    """One thing that explains it; `code` is stable, `text` is for people and may change."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(examples=["open_partly_paid"])
    severity: Severity = Field(
        description="`problem`: it will not go on by itself; `attention`: somebody may want to look."
    )
    text: str
    refs: dict[str, str] = Field(description="Ids of what it is about, by what they are of.")


class Unavailable(BaseModel):
    """A part that could not be asked: findings about it may lack."""

    model_config = ConfigDict(from_attributes=True)

    part: str = Field(examples=["payments"])
    service: str
    reason: str = Field(description="`timeout`, `unavailable` or `forbidden`.")
    detail: str


class Explanation(BaseModel):
    """Where something stands and why."""

    subject: Subject
    state: str = Field(description="Its status, in the words of its own resource.")
    findings: list[FindingReply] = Field(description="Problems first.")
    timeline: list[dict[str, Any]] = Field(description="What happened, oldest first.")
    unavailable: list[Unavailable] = Field(description="Empty when everybody was asked.")


@router.get("/{name:path}", operation_id="explain.get", summary="Explain where something stands")
async def explain(
    name: Name, request: Request, caller: Annotated[Caller, Depends(authenticated)]
) -> Explanation:
    """Explain an invoice, payment, subscription or webhook message: what holds it up, what comes next.

    The services are asked at once, each part for three seconds at most and with your own scopes; what could
    not be asked is in `unavailable`.
    """
    gathered = await gather.gather(request.app.state.gateway, caller, name)
    return Explanation(
        subject=Subject.model_validate(gathered.subject),
        state=explaining.state_of(gathered.known),
        findings=[FindingReply.model_validate(one) for one in explaining.explain(gathered.known)],
        timeline=gathered.timeline,
        unavailable=[
            Unavailable.model_validate(lack) for lack in sorted(gathered.lacks, key=lambda one: one.part)
        ],
    )
