"""A payer with nothing but the link: opens the invoice without scripts, pays it, and it is paid once."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from shared.testing.eventually import eventually
from tests.browser import PHONE, NewPage, watching
from tests.journeys.conftest import a_contact, an_invoice, receiving, until_status
from tests.unit.invoice.test_logo import a_png

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SELLER = {"name": "Nordlys Studio B.V.", "country": "NL", "iban": "NL91ABNA0417164300"}


@pytest.fixture
async def client(make_workspace: Callable[..., Any]) -> httpx.AsyncClient:
    """A client of a new sandbox."""
    return await make_workspace(mode="sandbox")


async def a_window(new_page: NewPage) -> Page:
    """A phone whose browser runs no scripts."""
    return await new_page(PHONE, java_script_enabled=False, user_agent=BROWSER)


async def test_whoever_has_the_link_sees_the_invoice_and_pays_it(
    client: httpx.AsyncClient, new_page: NewPage
) -> None:
    await client.patch("/v1/business", json=SELLER)
    await client.put("/v1/business/logo", content=a_png(80, 20))
    contact = await a_contact(client, name="شركة النور", locale="nb")
    invoice = await an_invoice(client, contact_id=contact["id"])
    page = await a_window(new_page)
    watch = watching(page)

    async with receiving(client) as receiver:
        await page.goto(invoice["public_url"])
        await expect(page.get_by_role("heading", name="Faktura")).to_be_visible()
        await expect(page.get_by_text("شركة النور")).to_be_visible()
        await expect(page.get_by_role("img", name=SELLER["name"])).to_be_visible()
        fits = await page.locator("body").evaluate("body => body.scrollWidth <= window.innerWidth")
        await page.get_by_role("button", name="Betal 339,00").click()
        await page.get_by_role("button", name="Insufficient funds").click()
        await expect(page.get_by_role("alert")).to_contain_text("Declined")
        await page.get_by_role("button", name="Pay EUR 339.00").click()
        await expect(page.get_by_text("Takk, betalingen din er mottatt.")).to_be_visible()
        await expect(page.get_by_role("button")).to_have_count(0)
        paid = await until_status(client, invoice["id"], "paid")
        await eventually(lambda: receiver.of_type("invoice.paid"))

    payments = (await client.get("/v1/payments", params={"invoice_id": invoice["id"]})).json()["data"]
    assert [(one["state"], one["method"], one["amount_minor"]) for one in payments] == [
        ("succeeded", "checkout", 33900)
    ]
    assert paid["opened_at"] is not None
    assert len(receiver.of_type("invoice.opened")) == len(receiver.of_type("invoice.paid")) == 1
    assert fits
    assert watch.faults == []


async def test_a_link_that_opens_nothing_shows_a_page_of_its_own(
    client: httpx.AsyncClient, new_page: NewPage
) -> None:
    invoice = await an_invoice(client)
    page = await a_window(new_page)

    answer = await page.goto(f"{invoice['public_url'][:-1]}")

    assert answer
    assert answer.status == 404
    await expect(page.get_by_role("heading", name="This page does not exist")).to_be_visible()
