"""The business's logo, as bytes."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response, status

from services.invoice.business import operations
from services.invoice.business import repository as businesses
from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain import logo as logo_rules
from services.invoice.business.domain.logo import Logo
from services.invoice.business.rendering import require_readable
from shared.events.business import BusinessData
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.internal_auth import Who, require
from shared.http.queries import Route
from shared.http.work import Work
from shared.kernel.errors import NotFound

router = APIRouter(prefix="/v1/business/logo", route_class=Route, tags=["business"])
READ, WRITE = require("business:read"), require("business:write")
_PICTURE = {"schema": {"type": "string", "format": "binary"}}
_KINDS = dict.fromkeys(("image/png", "image/jpeg", "image/webp"), _PICTURE)
_SHOWN: dict[int | str, dict[str, Any]] = {
    200: {"content": _KINDS, "description": "The picture; its ETag is the SHA-256 of its bytes."},
    304: {"description": "The caller has these bytes already."},
}


class NoLogo(NotFound):
    """The business has no logo of its own."""

    code = "no_logo"


async def read_upload(request: Request, who: Who) -> Logo:
    """The picture in the body; raises LogoTooLarge or NotALogo. Read before a transaction opens."""
    logo = logo_rules.new_logo(who.workspace_id, await request.body(), who.clock.now())
    await asyncio.to_thread(require_readable, logo)
    return logo


Uploaded = Annotated[Logo, Depends(read_upload)]


@router.put(
    "",
    dependencies=[WRITE],
    openapi_extra={"requestBody": {"required": True, "content": _KINDS}},
)
async def put(logo: Uploaded, response: Response, work: Work, who: Who, expected: IfMatch) -> BusinessData:
    """Upload the logo that new documents show: PNG, JPEG or WebP, at most 512 KiB and 4 million pixels."""
    changed = await operations.set_logo(work, logo, who.currency, expected)
    etag.tag(response, changed.version)
    return business_rules.to_snapshot(changed)


@router.get("", response_class=Response, responses=_SHOWN, dependencies=[READ])
async def get(work: Work, who: Who, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """Get the logo that new documents show."""
    business = await operations.load_business(work, who.currency)
    if business.logo_sha256 is None:
        raise NoLogo
    headers = {"etag": f'"{business.logo_sha256}"', "cache-control": "private, no-cache"}
    if if_none_match and headers["etag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    logo = await businesses.get_logo(work.tx, work.workspace_id, business.logo_sha256)
    return Response(logo.content, media_type=logo.media_type, headers=headers)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def delete(work: Work, who: Who, expected: IfMatch) -> None:
    """Let new documents show no logo; those that are issued keep the one they had."""
    await operations.remove_logo(work, who.currency, expected)
