"""The recipes of the JavaScript SDK's README, as they stand, on the running platform."""

import asyncio
import base64
import json
import os
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from sdks.building import SOURCE, NoNode, build
from tests.journeys.conftest import MakeWorkspace, Receiver, Stack

RECIPES = re.findall(r"```js\n(.*?)```", (SOURCE / "README.md").read_text(), re.DOTALL)
# What the recipes leave behind, and a webhook as it came, which they verify.
TAIL = """
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
let hook;
while (hook === undefined) {
  hook = await readFile("webhook.json", "utf8").then(JSON.parse, () => undefined);
  await sleep(50);
}
const bytes = new Uint8Array(Buffer.from(hook.body, "base64"));
const heard = await take(bytes, hook.headers, hook.secret);
bytes[bytes.length - 2] ^= 1;
const refused = await take(bytes, hook.headers, hook.secret).then(() => "", (error) => error.name);
let closed = "";
for (let asked = 0; asked < 350 && closed === ""; asked++) {
  closed = await reports.invoices.list().first(1).then(() => "", (error) => error.name);
  await sleep(100);
}
console.log("\\n" + JSON.stringify({
  payment, invoice, emails, newest: newest.map((one) => one.id), total: page.total, creditNote,
  heard, refused, closed, invoices: invoices.length,
}));
"""


async def test_the_recipes_of_the_readme_run_as_they_stand(
    stack: Stack,
    client: httpx.AsyncClient,
    receiver: Receiver,
    make_workspace: MakeWorkspace,
    tmp_path: Path,
) -> None:
    sandbox = await make_workspace(mode="sandbox")
    try:
        package = await asyncio.to_thread(build)
    except NoNode as error:
        pytest.skip(str(error))
    (tmp_path / "node_modules" / "@billing").mkdir(parents=True)
    (tmp_path / "node_modules" / "@billing" / "sdk").symlink_to(package)
    (tmp_path / "story.mjs").write_text("\n".join([*RECIPES, TAIL]))
    process = await asyncio.create_subprocess_exec(
        "node",
        "story.mjs",
        cwd=tmp_path,
        env={
            **os.environ,
            "BILLING_API_KEY": client.headers["x-api-key"],
            "BILLING_BASE_URL": stack.gateway_url,
            "BILLING_SANDBOX_KEY": sandbox.headers["x-api-key"],
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    handing_over = asyncio.create_task(_hand_over(receiver, tmp_path / "webhook.json"))
    said, failed = await process.communicate()
    handing_over.cancel()

    assert process.returncode == 0, failed.decode()[-4_000:]
    found: Any = json.loads(said.decode().strip().splitlines()[-1])
    invoice = found["invoice"]
    assert len(RECIPES) >= 10
    assert (tmp_path / "invoice.pdf").read_bytes().startswith(b"%PDF-")
    assert (found["payment"]["state"], invoice["payment_status"]) == ("succeeded", "paid")
    assert (found["emails"], found["total"]) == (["post@jansen.example"], 1)
    assert found["newest"] == [invoice["id"]]
    assert found["creditNote"]["total_minor"] == invoice["total_minor"] == 11_900
    assert found["heard"] == invoice["number"]
    assert (found["refused"], found["closed"]) == ("WrongSignature", "Unauthorized")
    assert found["invoices"] == 13


async def _hand_over(receiver: Receiver, path: Path) -> None:
    while not receiver.of_type("invoice.paid"):
        await asyncio.sleep(0.05)
    headers, body = next((h, b) for h, b in receiver.raw if b'"invoice.paid"' in b)
    partial = path.with_suffix(".part")
    partial.write_text(
        json.dumps({"headers": headers, "body": base64.b64encode(body).decode(), "secret": receiver.secret})
    )
    partial.replace(path)
