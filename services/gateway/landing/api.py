"""HTTP in: the page at `/`: where the console and the descriptions of the five APIs are."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from services.gateway.console.api.pages import HEADERS, PageRoute, error_page, render
from services.gateway.dialects.common.dialect import Dialect
from shared.http import errors
from shared.kernel.errors import NoSuchRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)
OWN_ABOUT = "Everything the platform can do, under one consistent vocabulary."


@dataclass(frozen=True, slots=True)
class Described:
    """An API: its title, what it is in a sentence, and where it begins."""

    title: str
    about: str
    base: str
    docs: str
    openapi: str


@router.get("/")
async def landing(request: Request) -> Response:
    """The way to everything that a person can look at."""
    own = Described("Billing API", OWN_ABOUT, "/v1", "/docs", "/openapi.json")
    apis = [own, *(_described(dialect, prefix) for dialect, prefix in request.app.state.dialects)]
    return HTMLResponse(render("landing.html", apis=apis))


async def on_http_error(request: Request, error: Exception) -> Response:
    """What the framework refuses, as a problem; an unknown address that a person opened, as a page."""
    assert isinstance(error, HTTPException)
    if error.status_code != HTTPStatus.NOT_FOUND:
        return errors.reply(errors.from_status(error.status_code, error.detail))
    if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
        return errors.reply(errors.no_such_route(request))
    page = error_page(NoSuchRoute("There is no page at this address."))
    page.headers.update(HEADERS)
    return page


def _described(dialect: Dialect, base: str) -> Described:
    about = dialect.description.partition(". ")[0].rstrip(".") + "."
    return Described(dialect.title, about, base, f"{base}/docs", f"{base}/openapi.json")
