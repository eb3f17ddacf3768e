"""The public page, the logo and the documents as they were issued, over HTTP and Postgres."""

import asyncio
import hashlib
import io
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
from pypdf import PdfReader

from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.conftest import Databases
from tests.integration.invoice.conftest import a_contact, a_line, an_invoice
from tests.unit.invoice.test_logo import a_png

SELLER = {"name": "Bakkerij de Vries B.V.", "country": "NL", "iban": "NL91ABNA0417164300"}


async def test_the_page_shows_one_invoice_and_is_opened_once(
    api: RunningService, a_principal: Callable[..., Principal]
) -> None:
    who = a_principal()
    client = api.client(who)
    await client.patch("/v1/business", json=SELLER)
    invoice = await an_invoice(client, contact_id=(await a_contact(client, locale="nl"))["id"])
    draft = await an_invoice(client, status="draft")
    path, visitor = page_of(invoice), visitor_of(api, who, invoice)

    looked_at = await visitor.get(path)
    opened = await asyncio.gather(*(visitor.get(f"{path}?is_opening=true&can_pay=true") for _ in range(8)))

    assert looked_at.status_code == 200, looked_at.text
    assert {reply.status_code for reply in opened} == {200}
    assert "Te betalen" in looked_at.text
    assert f"{token_of(invoice)}/pay" in opened[0].text
    after = (await client.get(f"/v1/invoices/{invoice['id']}")).json()
    assert (after["version"], after["public_url"]) == (invoice["version"] + 1, invoice["public_url"])
    assert after["opened_at"] is not None
    told = (await client.get(f"/v1/invoices/{invoice['id']}/events")).json()["data"]
    assert [one["type"] for one in told].count("invoice.opened") == 1
    assert await recorded(api, invoice["id"], after["version"]) == ["invoice.opened", "invoice.updated"]
    assert (draft["public_url"], invoice["public_url"][:26]) == (None, "https://pay.example.com/i/")


async def test_only_its_own_newest_link_opens_an_invoice(
    api: RunningService, a_principal: Callable[..., Principal]
) -> None:
    who, stranger = a_principal(), a_principal()
    client = api.client(who)
    invoice, other = await an_invoice(client), await an_invoice(client)
    theirs = await an_invoice(api.client(stranger))

    renewed = (await client.post(f"/v1/invoices/{invoice['id']}/public-link")).json()
    refused = {
        "a link that was replaced": await visitor_of(api, who, invoice).get(page_of(invoice)),
        "its PDF": await visitor_of(api, who, invoice).get(f"{page_of(invoice)}/pdf"),
        "another invoice's link": await visitor_of(api, who, invoice).get(page_of(other)),
        "another workspace's link": await visitor_of(api, who, theirs).get(page_of(theirs)),
        "every scope of the workspace": await client.get(page_of(other)),
        "a link that is none": await visitor_of(api, who, invoice).get("/internal/public/invoices/abc"),
    }
    again = await visitor_of(api, who, renewed).get(page_of(renewed))

    statuses = {why: reply.status_code for why, reply in refused.items()}
    assert statuses == dict.fromkeys(refused, 403) | {"a link that was replaced": 404, "its PDF": 404}
    assert again.status_code == 200
    assert renewed["public_url"] != invoice["public_url"]
    nothing = await client.get("/internal/public/not-found", headers={"accept-language": "sv"})
    assert (nothing.status_code, "Sidan finns inte" in nothing.text) == (404, True)
    drafts = await an_invoice(client, status="draft")
    assert (await client.post(f"/v1/invoices/{drafts['id']}/public-link")).status_code == 409


async def test_a_logo_is_on_what_is_issued_with_it_and_on_nothing_else(
    api: RunningService, a_principal: Callable[..., Principal]
) -> None:
    who = a_principal()
    client = api.client(who)
    await client.patch("/v1/business", json=SELLER)
    plain = await an_invoice(client)
    first, second = a_png(40, 10), a_png(20, 20)
    sha256 = hashlib.sha256(first).hexdigest()

    uploaded = await client.put("/v1/business/logo", content=first)
    same = await client.put("/v1/business/logo", content=first)
    invoice = await an_invoice(client)
    before = await client.get(f"/v1/invoices/{invoice['id']}/pdf")
    await client.put("/v1/business/logo", content=second)
    after = await client.get(f"/v1/invoices/{invoice['id']}/pdf")
    shown = await visitor_of(api, who, invoice).get(page_of(invoice))
    picture = await visitor_of(api, who, invoice, f"logo:{sha256}").get(f"/internal/public/logos/{sha256}")
    foreign = await visitor_of(api, who, invoice).get(f"/internal/public/logos/{sha256}")

    assert uploaded.status_code == 200, uploaded.text
    assert (uploaded.json()["logo_sha256"], same.json()["version"]) == (sha256, uploaded.json()["version"])
    assert uploaded.json()["logo_url"] == f"https://pay.example.com/i/logos/{who.workspace_id}/{sha256}"
    assert (invoice["seller"]["logo_sha256"], plain["seller"]["logo_sha256"]) == (sha256, None)
    assert before.content == after.content
    assert f"/i/logos/{who.workspace_id}/{sha256}" in shown.text
    assert (picture.content, picture.headers["content-type"]) == (first, "image/png")
    assert foreign.status_code == 403


async def test_a_logo_is_shown_replaced_refused_and_taken_away(client: httpx.AsyncClient) -> None:
    await client.patch("/v1/business", json=SELLER)
    uploaded = await client.put("/v1/business/logo", content=a_png(40, 10))
    shown = await client.get("/v1/business/logo")
    known = await client.get("/v1/business/logo", headers={"if-none-match": shown.headers["etag"]})

    refused = [
        await client.put("/v1/business/logo", content=body)
        for body in (b"<svg/>", a_png(4001, 1), a_png()[:-30], a_png() + b"\0" * 600_000, b"")
    ]
    stale = await client.delete("/v1/business/logo", headers={"if-match": '"1"'})
    elsewhere = await client.patch("/v1/business", json={"logo_url": "https://example.com/logo.png"})
    await client.put("/v1/business/logo", content=a_png(40, 10))
    deleted = await client.delete("/v1/business/logo")

    assert (uploaded.status_code, shown.content, known.status_code) == (200, a_png(40, 10), 304)
    assert [reply.status_code for reply in refused] == [422, 422, 422, 413, 422]
    assert stale.status_code == 412
    assert elsewhere.json()["logo_sha256"] is None
    assert deleted.status_code == 204
    assert (await client.get("/v1/business/logo")).json()["code"] == "no_logo"
    assert (await client.get("/v1/business")).json()["logo_url"] is None


def text_of(reply: httpx.Response) -> str:
    """What the PDF says."""
    return PdfReader(io.BytesIO(reply.content)).pages[0].extract_text()


async def test_an_issued_document_keeps_the_hash_of_its_first_bytes(
    api: RunningService, a_principal: Callable[..., Principal], databases: Databases
) -> None:
    who = a_principal()
    client = api.client(who)
    await client.patch("/v1/business", json=SELLER)
    invoice = await an_invoice(client, notes="First")
    path = f"/v1/invoices/{invoice['id']}/pdf"

    replies = await asyncio.gather(*(client.get(path) for _ in range(4)))
    public = await visitor_of(api, who, invoice).get(f"{page_of(invoice)}/pdf")
    await client.patch(f"/v1/invoices/{invoice['id']}", json={"notes": "Second"})
    edited = await client.get(path)
    first = {"params": {"edition": 1}, "headers": {"if-none-match": replies[0].headers["etag"]}}
    back = await client.get(path, **first)
    nothing = await client.get(path, params={"edition": 3})
    kept = await printed(databases, invoice["id"])

    assert {(one.headers["etag"], one.headers["document-as-issued"]) for one in replies} == {
        (f'"{hashlib.sha256(public.content).hexdigest()}"', "yes")
    }
    assert public.headers["content-disposition"].startswith("attachment")
    assert edited.headers["etag"] != public.headers["etag"]
    assert (back.status_code, nothing.status_code) == (304, 404)
    assert [row["template_version"] for row in kept] == [2, 2]
    assert "Edition 2 of" in text_of(edited)
    assert "Edition" not in text_of(public)
    assert (await client.get(f"/v1/invoices/{invoice['id']}")).json()["edition"] == 2
    assert {row["sha256"] for row in kept} == {
        hashlib.sha256(one.content).hexdigest() for one in (public, edited)
    }
    assert all(row["is_archival"] for row in kept)

    await printed(databases, invoice["id"], "UPDATE printed_document SET sha256 = 'another renderer'")
    otherwise = await client.get(path)
    assert (otherwise.status_code, otherwise.headers["document-as-issued"]) == (200, "no")
    current = await client.get(path, params={"state": "current"})
    assert "document-as-issued" not in current.headers


async def test_the_page_has_the_invoices_credit_notes(
    api: RunningService, a_principal: Callable[..., Principal]
) -> None:
    who = a_principal()
    client = api.client(who)
    invoice = await an_invoice(client, lines=[a_line("Work", 2, "10.00")])
    other = await an_invoice(client)
    lines = [{"invoice_line_id": invoice["lines"][0]["id"], "quantity": "1"}]
    note = (await client.post(f"/v1/invoices/{invoice['id']}/credit-notes", json={"lines": lines})).json()
    foreign = (await client.post(f"/v1/invoices/{other['id']}/credit-notes")).json()
    visitor = visitor_of(api, who, invoice)

    page = await visitor.get(page_of(invoice))
    pdf = await visitor.get(f"{page_of(invoice)}/credit-notes/{note['id']}/pdf")
    not_of_it = await visitor.get(f"{page_of(invoice)}/credit-notes/{foreign['id']}/pdf")

    assert note["number"] in page.text
    assert foreign["number"] not in page.text
    assert (pdf.status_code, pdf.content[:5], not_of_it.status_code) == (200, b"%PDF-", 404)


def token_of(invoice: dict[str, Any]) -> str:
    return invoice["public_url"].rpartition("/")[2]


def page_of(invoice: dict[str, Any]) -> str:
    return f"/internal/public/invoices/{token_of(invoice)}"


def visitor_of(
    api: RunningService, who: Principal, invoice: dict[str, Any], scope: str = ""
) -> httpx.AsyncClient:
    """What the gateway asks with for whoever has this invoice's link."""
    scopes = frozenset({scope or f"public:{invoice['id']}"})
    return api.client(Principal(who.workspace_id, "public", scopes))


async def recorded(api: RunningService, invoice_id: str, version: int) -> list[str]:
    """The events of this version of the invoice."""
    async with api.parts.worker.transaction() as tx:
        rows = await tx.fetch(
            "SELECT type FROM outbox WHERE aggregateid = $1 AND aggregate_seq = $2 ORDER BY type",
            invoice_id,
            version,
        )
    return [row["type"] for row in rows]


async def printed(databases: Databases, invoice_id: str, change: str = "") -> list[Any]:
    """What is kept of the invoice's documents, as the database's owner sees it."""
    connection = await asyncpg.connect(databases.admin_dsn)
    try:
        await connection.execute("SET search_path = invoice")
        if change:
            await connection.execute(change)
        return await connection.fetch("SELECT * FROM printed_document WHERE document_id = $1", invoice_id)
    finally:
        await connection.close()
