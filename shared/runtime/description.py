"""`/openapi.json` of a service, for the gateway, which shows the public part of it to everybody."""

from fastapi import APIRouter, Request

from shared.http.internal_auth import Who
from shared.kernel.json import JsonObject

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
async def openapi(request: Request, who: Who) -> JsonObject:
    """The description of the service's API; raises Unauthorized without an internal token, of any scopes."""
    described: JsonObject = request.app.openapi()
    return described
