"""Swagger UI, served from our own files: nothing is loaded from anywhere else."""

import html
from pathlib import Path

import simplejson
from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

from shared.kernel.errors import NotFound
from shared.kernel.json import Json

ASSETS = Path(__file__).parents[2] / "static" / "swagger"
SERVED = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png", "docs.js"})
ONE_DAY = "public, max-age=86400"
# Swagger UI sets styles inline and draws icons from data: addresses; scripts come from us alone.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE = {"x-content-type-options": "nosniff"}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui" data-url="{url}"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/docs.js"></script>
</body>
</html>
"""
router = APIRouter(prefix="/docs", include_in_schema=False)


@router.get("")
async def docs() -> Response:
    """Swagger UI of the canonical API."""
    return page("Billing API", "/openapi.json")


@router.get("/{name}")
async def asset(name: str) -> Response:
    """One of Swagger UI's files."""
    if name not in SERVED:
        raise NotFound
    return FileResponse(ASSETS / name, headers={**SAFE, "cache-control": ONE_DAY})


def page(title: str, url: str) -> Response:
    """A page with Swagger UI for the description at `url`."""
    shown = _PAGE.format(title=html.escape(title), url=html.escape(url))
    return HTMLResponse(shown, headers={**SAFE, "content-security-policy": POLICY})


def json_reply(description: Json) -> Response:
    """An OpenAPI description as a reply; its examples may hold Decimals."""
    content = simplejson.dumps(description, ensure_ascii=False, use_decimal=True)
    return Response(content, media_type="application/json")
