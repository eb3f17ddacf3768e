"""`/openapi.json` of a service, for the gateway, which shows the public part of it to everybody."""

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from shared.http.internal_auth import Who
from shared.kernel.json import JsonObject

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
async def openapi(request: Request, who: Who) -> JsonObject:
    """The description of the service's API; raises Unauthorized without an internal token, of any scopes."""
    # Reading all the code takes a second, in which others are answered.
    return await run_in_threadpool(request.app.openapi)
