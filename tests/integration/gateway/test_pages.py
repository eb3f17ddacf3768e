"""The gateway's pages in a real browser."""

import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser import PHONE, NewPage, screenshot, watching
from tests.integration.gateway.conftest import ADMIN, Gateway, Workspace


async def test_the_first_page_leads_to_five_descriptions_made_of_our_own_files_alone(
    page: Page, gateway: Gateway
) -> None:
    watch = watching(page)
    await page.goto(gateway.service.url)
    links = await page.get_by_role("link", name=": documentation").all()
    addresses = [await link.get_attribute("href") for link in links]

    for address in addresses:
        await page.goto(f"{gateway.service.url}{address}")
        await expect(page.locator(".opblock").first).to_be_visible()

    assert len(addresses) == 5
    assert watch.faults == []


async def test_a_key_is_created_used_and_revoked_in_the_console(
    page: Page, gateway: Gateway, workspace: Workspace, tmp_path: Path
) -> None:
    # given
    watch = watching(page)
    await _sign_in(page, gateway)

    # when
    await page.get_by_role("link", name="Create key").click()
    await page.get_by_label("Name").fill("Web shop")
    await page.get_by_label("API keys: read").check()
    await page.get_by_label("1 year").check()
    await page.get_by_role("button", name="Create key").click()
    key = await page.get_by_label("The new API key").inner_text()
    await screenshot(page, tmp_path / "created.png")
    used = await _status(gateway, key)
    await page.reload()
    await expect(page.get_by_label("The new API key")).to_have_count(0)
    await page.get_by_role("link", name="Revoke").click()
    await page.get_by_role("button", name="Revoke key").click()

    # then
    await expect(page.get_by_role("status")).to_contain_text("“Web shop” is revoked.")
    await expect(page.get_by_role("row", name="Web shop")).to_have_count(0)
    assert (used, await _status(gateway, key)) == (200, 401)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert watch.faults == []


async def test_on_a_phone_without_scripts_everything_fits_and_works(
    new_page: NewPage, gateway: Gateway, workspace: Workspace
) -> None:
    page = await new_page(PHONE, java_script_enabled=False, color_scheme="dark")
    await _sign_in(page, gateway)
    shown = []
    for path in ("", "/new"):
        await page.goto(f"{gateway.service.url}/console/settings/api-keys{path}")
        shown.append(await page.locator("body").bounding_box())
    # What is chosen decides what is asked for, by style alone.
    await expect(page.get_by_label("Invoices: read")).to_be_visible()
    await page.get_by_label("Read only").check()
    await expect(page.get_by_label("Invoices: read")).to_be_hidden()
    await page.get_by_label("Name").fill("Phone")
    await page.get_by_role("button", name="Create key").click()

    await expect(page.get_by_label("The new API key")).to_have_text(re.compile("blg_test_"))
    assert [box["width"] for box in shown if box] == [PHONE["width"]] * 2


async def _sign_in(page: Page, gateway: Gateway) -> None:
    await page.goto(f"{gateway.service.url}/console")
    await page.get_by_label("Admin token").fill(ADMIN)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="API keys", exact=True)).to_be_visible()


async def _status(gateway: Gateway, key: str) -> int:
    async with gateway.as_key(key) as client:
        return (await client.get("/v1/api-keys")).status_code
