"""Makes a kind of document through the API, and takes its files: UBL, PDF, and the data in the PDF."""

import asyncio
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pikepdf

from services.invoice.documents.rendering.factur_x import read_data
from shared.kernel.ids import new_id
from tests.validation.kinds import KINDS, Kind

# The sandbox's network delivers to it at once.
SANDBOX_RECEIVER = "0106:00000001"
LEVEL = "EN 16931"


@dataclass(frozen=True, slots=True)
class Made:
    """The files of one document; where one is None, `refused` and `without_data` say why."""

    name: str
    kind: Kind
    pdf: Path | None
    ubl: Path | None = None
    cii: Path | None = None
    refused: str = ""
    without_data: str = ""
    is_declared: bool = False


async def make_all(gateway_url: str, admin_token: str, names: list[str], folder: Path) -> list[Made]:
    """These kinds, in a sandbox workspace of their own."""
    async with httpx.AsyncClient(base_url=gateway_url, timeout=60) as client:
        wish = {"slug": f"validate-{new_id().hex[-12:]}", "name": "Validate", "mode": "sandbox"}
        admin = {"authorization": f"Bearer {admin_token}"}
        reply = await client.post("/v1/workspaces", json=wish, headers=admin)
        client.headers["x-api-key"] = reply.json()["api_key"]["key"]
        return [await make(client, name, KINDS[name], folder) for name in names]


async def make(client: httpx.AsyncClient, name: str, kind: Kind, folder: Path) -> Made:
    """The kind, issued by the workspace of this client; raises AssertionError where a request fails."""
    await _ask(client, "PATCH", "/v1/business", dict(kind.seller))
    buyer = await _ask(client, "POST", "/v1/contacts", dict(kind.buyer))
    if kind.then == "prepaid":
        prepaid = {
            "contact_id": buyer["id"],
            "amount_minor": 5000,
            "currency": "EUR",
            "method": "bank_transfer",
        }
        await _ask(client, "POST", "/v1/payments", prepaid)
    wish = {"contact_id": buyer["id"], "status": "open", "lines": kind.lines, **kind.invoice}
    reply = await client.post("/v1/invoices", json=wish)
    if reply.status_code == 422:
        return Made(name, kind, None, refused=f"not issued: {_told(reply)}", without_data="not issued")
    assert reply.status_code == 201, f"{name}: {reply.text}"
    invoice = reply.json()
    return await _files(
        client, name, kind, folder / "".join(c if c.isalnum() else "-" for c in name), invoice
    )


async def _files(
    client: httpx.AsyncClient, name: str, kind: Kind, start: Path, invoice: dict[str, Any]
) -> Made:
    path = await _document(client, kind, invoice)
    printed = await client.get(f"{path}/pdf")
    assert printed.status_code == 200, f"{name}: {printed.text}"
    pdf = start.with_suffix(".pdf")
    pdf.write_bytes(printed.content)
    written = await client.get(f"{path}/ubl")
    ubl, refused = None, ""
    if written.status_code == 200:
        ubl = start.with_suffix(".ubl.xml")
        ubl.write_bytes(written.content)
    else:
        refused = f"{written.status_code} {_told(written)}"
    without_data, is_declared = _declared(printed)
    return Made(name, kind, pdf, ubl, _carried(start, printed), refused, without_data, is_declared)


def _carried(start: Path, printed: httpx.Response) -> Path | None:
    try:
        data = read_data(printed.content)
    except KeyError:
        return None
    cii = start.with_suffix(".cii.xml")
    cii.write_bytes(data)
    return cii


def _declared(printed: httpx.Response) -> tuple[str, bool]:
    """Why it carries no data, and whether it says that it does."""
    with pikepdf.open(io.BytesIO(printed.content)) as opened:
        is_declared = f"<fx:ConformanceLevel>{LEVEL}<" in opened.Root.Metadata.read_bytes().decode()
    return printed.headers.get("document-findings", "nothing is said"), is_declared


async def _document(client: httpx.AsyncClient, kind: Kind, invoice: dict[str, Any]) -> str:
    """Where the document is, once what is to happen to it has happened."""
    path = f"/v1/invoices/{invoice['id']}"
    if kind.then.startswith("credit"):
        lines = (
            [{"invoice_line_id": invoice["lines"][0]["id"], "quantity": "1"}] if "one" in kind.then else None
        )
        note = await _ask(client, "POST", f"{path}/credit-notes", {"lines": lines, "reason": "Too much"})
        return f"/v1/credit-notes/{note['id']}"
    if kind.then.startswith("pay"):
        paid = 1000 if kind.then == "pay part" else invoice["total_minor"]
        await _until(client, f"/v1/receivables/{invoice['id']}")
        await _ask(client, "POST", "/v1/payments", {"invoice_id": invoice["id"], "amount_minor": paid})
        await _until(client, path, "amount_paid_minor")
    if kind.then == "prepaid":
        await _until(client, path, "amount_paid_minor")
    if kind.then == "void":
        await _ask(client, "POST", f"{path}/void")
    if kind.then == "send":
        await _ask(
            client, "POST", "/v1/e-invoices/send", {"invoice_id": invoice["id"], "receiver": SANDBOX_RECEIVER}
        )
    return path


async def _until(client: httpx.AsyncClient, path: str, field: str = "") -> None:
    for _ in range(200):
        reply = await client.get(path)
        if reply.status_code == 200 and (not field or reply.json()[field]):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{path} never had {field}: {reply.text}")


async def _ask(client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> dict[str, Any]:
    reply = await client.request(method, path, json=body)
    assert reply.status_code < 300, f"{method} {path} {reply.status_code}: {reply.text}"
    found: dict[str, Any] = reply.json()
    return found


def _told(reply: httpx.Response) -> str:
    problem = reply.json()
    errors = "; ".join(f"{one['pointer']} {one.get('message', '')}" for one in problem.get("errors", []))
    return f"{problem['code']} {' '.join(problem.get('rules', []))} {errors}"
