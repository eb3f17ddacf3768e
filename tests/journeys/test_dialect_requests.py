"""The requests that the dialects' documentation shows, letter by letter: only base, key and ids change.

`requests.txt` beside the golden files holds them as they are written there.
"""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from shared.kernel.ids import new_id
from tests.journeys.conftest import Stack, created
from tests.journeys.test_dialects import ACME, a_token

HERE = Path(__file__).parents[1] / "contract" / "dialects"


@dataclass(frozen=True)
class Written:
    """A request as documentation shows it."""

    method: str
    url: str
    headers: dict[str, str]
    body: str


@dataclass
class Sender:
    """Sends what is written, with what stands for its placeholders; keeps the ids of what it makes."""

    base: str
    stand_ins: dict[str, str] = field(default_factory=dict)

    async def send(self, written: Written) -> httpx.Response:
        """The reply."""
        url, body = self._filled(written.url), self._filled(written.body)
        headers = {name: self._filled(value) for name, value in written.headers.items()}
        async with httpx.AsyncClient(timeout=30) as anybody:
            return await anybody.request(
                written.method,
                url if "://" in url else self.base + url,
                headers=headers,
                content=body or None,
            )

    def _filled(self, text: str) -> str:
        for written, ours in self.stand_ins.items():
            text = text.replace(written, ours)
        return text


async def test_the_requests_of_paydock_work_as_written(stack: Stack, client: httpx.AsyncClient) -> None:
    base = "/paydock/api"
    someone = {"name": "Acme BV", "email": "info@acme.nl", "external_id": "CRM-12345"}
    contact = await created(client, f"{base}/contacts", someone)
    licence = {"name": "Spont POS Licentie", "unit_price_incl": 89.00, "tax_percentage": 21}
    product = await created(client, f"{base}/products", licence)
    sender = Sender(
        stack.gateway_url + base,
        {
            "https://your-project.supabase.co/functions/v1/api": stack.gateway_url + base,
            "ftj_your_api_key_here": client.headers["x-api-key"],
            "ftj_...": client.headers["x-api-key"],
            "uuid-of-customer": contact["id"],
            "uuid-of-product": product["id"],
        },
    )

    replies = []
    for written in _written("paydock"):
        replies.append(await sender.send(written))
        if written.url == "/invoices" and written.method == "POST":
            sender.stand_ins["uuid-of-invoice"] = replies[-1].json()["id"]
    contacts, invoice, payment, portal, unpaid, paid = (reply.json() for reply in replies)

    assert [reply.status_code for reply in replies] == [200, 201, 201, 200, 200, 200]
    assert [one["id"] for one in contacts["data"]] == [contact["id"]]
    assert (invoice["status"], invoice["total"], payment["amount"]) == ("verzonden", 339.00, 339.00)
    assert portal.keys() >= {"contact", "summary", "invoices", "quotes", "subscriptions", "recent_payments"}
    assert portal["summary"].keys() == {
        "open_invoice_count",
        "open_invoice_amount",
        "active_subscriptions",
        "balance",
    }
    assert [one["id"] for one in unpaid["data"] + paid["data"]] == [invoice["id"]]


async def test_the_requests_of_the_workspace_api_work_as_written(
    stack: Stack, make_workspace: Callable[..., Any]
) -> None:
    slug = f"t-{new_id().hex[-20:]}"
    client = await make_workspace(slug=slug)
    sender = Sender(
        f"{stack.gateway_url}/workspace",
        {"<supabase_jwt>": a_token(stack, slug), "your-workspace-slug": slug},
    )

    statuses = {}
    for written in _written("workspace"):
        if written.method == "DELETE":
            draft = {"customer_id": sender.stand_ins["<customer_uuid>"], "status": "draft"}
            line = {"description": "Consulting", "quantity": 1, "unit_price": 150, "tax_rate": 20}
            other = await created(client, "/workspace/api/v1/invoices", {**draft, **line})
            sender.stand_ins["<invoice_uuid>"] = other["id"]
        reply = await sender.send(written)
        statuses[f"{written.method} {written.url}"] = reply.status_code
        if written.method == "POST" and written.url.endswith("/customers"):
            assert reply.json()["name"] == ACME["name"]
            sender.stand_ins |= dict.fromkeys(
                ("<customer_uuid>", "550e8400-e29b-41d4-a716-446655440000"), reply.json()["id"]
            )
        elif written.method == "POST":
            sender.stand_ins["<invoice_uuid>"] = reply.json()["id"]

    expected = {"POST": 201, "GET": 200, "PATCH": 200, "DELETE": 204}
    assert len(statuses) == 9
    assert statuses == {name: expected[name.split(" ")[0]] for name in statuses}


async def test_the_requests_of_fastfaktura_work_as_written(stack: Stack, client: httpx.AsyncClient) -> None:
    base = "/fastfaktura/api/v1"
    someone = await created(client, f"{base}/clients", {"name": "Fjord AS"})
    sender = Sender(
        stack.gateway_url,
        {
            "https://app.fastfaktura.io/api/v1": stack.gateway_url + base,
            "ffk_xxxxxxxx": client.headers["x-api-key"],
            "1f0c4a9e-…": someone["id"],
        },
    )

    by_key, by_token, invoice = [await sender.send(written) for written in _written("fastfaktura")]

    assert (by_key.status_code, by_token.status_code, invoice.status_code) == (200, 200, 201)
    assert by_key.json() == by_token.json()
    assert (invoice.json()["total_cents"], invoice.json()["status"]) == (60000, "draft")


async def test_each_dialect_has_its_own_swagger_and_openapi(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.gateway_url, timeout=30) as nobody:
        for base in ("", "/paydock/api", "/workspace/api/v1", "/fastfaktura/api/v1", "/facturering"):
            page, document = await nobody.get(f"{base}/docs"), await nobody.get(f"{base}/openapi.json")

            assert f'data-url="{base}/openapi.json"' in page.text
            assert document.json()["openapi"].startswith("3.0" if base == "/paydock/api" else "3.1")


def _written(dialect: str) -> Iterator[Written]:
    for block in (HERE / dialect / "requests.txt").read_text().split("\n###\n"):
        yield _of_curl(block) if block.startswith("curl ") else _of_text(block)


def _of_text(block: str) -> Written:
    head, _, body = block.partition("\n\n")
    (start, *lines) = head.strip().splitlines()
    method, url = start.split(" ")
    return Written(method, url, _headers(lines), body.strip())


def _of_curl(block: str) -> Written:
    words = shlex.split(re.sub(r"\\\n\s*", " ", block))[1:]
    options = [(name, value) for name, value in pairwise(words) if name.startswith("-")]
    data = next((value for name, value in options if name == "-d"), "")
    return Written(
        next((value for name, value in options if name == "-X"), "GET"),
        next(word for word in words if word.startswith("https://")),
        _headers([value for name, value in options if name == "-H"]),
        data,
    )


def _headers(lines: list[str]) -> dict[str, str]:
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
