"""HTTP in: the page at `/`: where the console and the descriptions of the five APIs are."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.gateway.api.console_pages import PageRoute, render
from services.gateway.dialects.dialect import Dialect

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


def _described(dialect: Dialect, base: str) -> Described:
    about = dialect.description.partition(". ")[0].rstrip(".") + "."
    return Described(dialect.title, about, base, f"{base}/docs", f"{base}/openapi.json")
