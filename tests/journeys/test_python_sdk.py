"""The recipes of the Python SDK's README, and the same story async, on the running platform."""

import ast
import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import MakeWorkspace, Receiver, Stack

README = Path(__file__).parents[2] / "sdks" / "python" / "README.md"
RECIPES = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


@pytest.fixture
def key(client: httpx.AsyncClient) -> str:
    return client.headers["x-api-key"]


async def test_the_recipes_of_the_readme_run_as_they_stand(
    stack: Stack,
    key: str,
    receiver: Receiver,
    make_workspace: MakeWorkspace,
    monkeypatch: Any,
    tmp_path: Path,
) -> None:
    sandbox = await make_workspace(mode="sandbox")
    monkeypatch.setenv("BILLING_API_KEY", key)
    monkeypatch.setenv("BILLING_BASE_URL", stack.gateway_url)
    monkeypatch.setenv("BILLING_SANDBOX_KEY", sandbox.headers["x-api-key"])
    monkeypatch.chdir(tmp_path)

    known: dict[str, Any] = {}
    for recipe in RECIPES:
        await asyncio.to_thread(exec, compile(ast.parse(recipe), str(README), "exec"), known)

    assert len(RECIPES) >= 11
    assert (tmp_path / "invoice.pdf").read_bytes().startswith(b"%PDF-")
    assert known["payment"].state == "succeeded"
    assert known["invoice"].payment_status == "paid"
    assert known["emails"] == ["post@jansen.example"]
    assert [one.id for one in known["newest"]] == [known["invoice"].id]
    assert known["page"].total == 1
    assert known["credit_note"].total_minor == known["invoice"].total_minor
    assert known["event"].data["number"] == known["invoice"].number
    assert len(known["invoices"]) == 13
    await _until_paid(receiver)
    headers, body = next((h, b) for h, b in receiver.raw if b'"invoice.paid"' in b)
    assert known["take"](body, headers, receiver.secret) == known["invoice"].number
    with pytest.raises(known["errors"].WrongSignature):
        known["take"](body + b" ", headers, receiver.secret)
    await asyncio.to_thread(_refused, known)


async def test_the_same_story_async(
    stack: Stack, key: str, receiver: Receiver, make_workspace: MakeWorkspace, tmp_path: Path
) -> None:
    from billing_sdk import AsyncBilling, Webhook, errors

    async with AsyncBilling(key, base_url=stack.gateway_url) as billing:
        contact = await billing.contacts.create(name="Jansen BV")
        line: Any = {"description": "Repair", "quantity": 1, "unit_price": "100"}
        invoice = await billing.invoices.create(contact_id=contact.id, lines=[line])
        invoice = await billing.invoices.issue(invoice.id)
        with pytest.raises(errors.InvoiceIsIssued) as refused:
            await billing.invoices.issue(invoice.id)
        assert refused.value.request_id
        assert refused.value.idempotency_key
        pdf = await billing.invoices.pdf(invoice.id).save(tmp_path / "invoice.pdf")
        assert pdf.read_bytes().startswith(b"%PDF-")

        paid = await billing.payments.create(invoice_id=invoice.id, amount_minor=10_000, prefer_wait=10)
        assert paid.last_response.headers["preference-applied"] == "wait=10"
        assert (await billing.invoices.get(invoice.id)).payment_status == "paid"
        again = await billing.contacts.update(contact.id, phone="+31201234567", if_match=contact.version)
        assert (again.name, again.version) == ("Jansen BV", contact.version + 1)
        with pytest.raises(errors.PreconditionFailed):
            await billing.contacts.update(contact.id, phone=None, if_match=contact.version)

        await asyncio.gather(*(billing.contacts.create(name=f"Contact {n}") for n in range(130)))
        ids = [one.id async for one in billing.contacts.list(limit=50)]
        assert len(ids) == len(set(ids)) == 131
        credited = await billing.invoices.credit_notes.create(invoice.id, reason="Returned")
        assert credited.total_minor == 10_000

        await _until_paid(receiver)
        headers, body = next((h, b) for h, b in receiver.raw if b'"invoice.paid"' in b)
        event = Webhook([receiver.secret]).verify(body, headers)
        assert event.type == "invoice.paid"
        assert event.data.id == invoice.id
        followed = billing.events.follow(types=["invoice.paid"]).__aiter__()
        assert (await anext(followed)).subject == invoice.id

        mine = await billing.api_keys.create(name="Reports", scopes=["invoices:read"])
        async with AsyncBilling(mine.key, base_url=stack.gateway_url) as reports:
            assert [one.id async for one in reports.invoices.list()] == [invoice.id]
            with pytest.raises(errors.Forbidden):
                await reports.contacts.create(name="Nobody")
            await billing.api_keys.revoke(mine.id)
            await _until_refused(reports, errors.Unauthorized)


async def _until_paid(receiver: Receiver) -> None:
    for _ in range(400):
        if receiver.of_type("invoice.paid"):
            return
        await asyncio.sleep(0.05)
    pytest.fail("no webhook came")


async def _until_refused(reports: Any, error: type[Exception]) -> None:
    for _ in range(350):
        try:
            await reports.invoices.list().first(1)
        except error:
            return
        await asyncio.sleep(0.1)
    pytest.fail("the key still opens")


def _refused(known: dict[str, Any]) -> None:
    import time

    for _ in range(350):
        try:
            known["reports"].invoices.list().first(1)
        except known["errors"].Unauthorized:
            return
        time.sleep(0.1)
    pytest.fail("the key still opens")
