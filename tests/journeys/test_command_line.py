"""`blg` on the running platform, as its own process: what an integrator does before writing any code."""

import asyncio
import contextlib
import csv
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from shared.testing.eventually import eventually
from tests.journeys.conftest import MakeWorkspace, Stack, created

SOURCES = Path(__file__).parents[2] / "sdks" / "cli" / "src"


@dataclass(frozen=True)
class Blg:
    """The command, signed in to one workspace."""

    environment: dict[str, str]

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """The command as a process of its own."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "blg", *arguments),
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def run(self, *arguments: str, code: int = 0) -> str:
        """What it says on stdout, once it has ended with this code."""
        process = await self.start(*arguments)
        out, err = await asyncio.wait_for(process.communicate(), 120)
        assert process.returncode == code, (
            f"{arguments}: {process.returncode}\n{out.decode()}\n{err.decode()}"
        )
        return out.decode()

    async def json(self, *arguments: str, code: int = 0) -> Any:
        """The JSON that it says."""
        return json.loads(await self.run(*arguments, "--json", code=code))


@pytest.fixture
async def sandbox(make_workspace: MakeWorkspace) -> httpx.AsyncClient:
    """A client of a new sandbox."""
    return await make_workspace(mode="sandbox")


@pytest.fixture
def blg_of(tmp_path: Path) -> Callable[[httpx.AsyncClient], Blg]:
    """The command for a client's workspace, with its own configuration."""

    def make(client: httpx.AsyncClient) -> Blg:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BLG_")}
        return Blg(
            kept
            | {
                "PYTHONPATH": str(SOURCES),
                "BLG_CONFIG_DIR": str(tmp_path / "blg"),
                "BLG_BASE_URL": str(client.base_url),
                "BLG_API_KEY": client.headers["x-api-key"],
            }
        )

    return make


@dataclass
class Target:
    """A server of one's own that keeps what it is sent; refuses while it is down."""

    url: str
    taken: list[tuple[dict[str, str], bytes]]
    is_down: bool = False


@contextlib.asynccontextmanager
async def taking() -> AsyncIterator[Target]:
    """Such a server."""
    target = Target("", [])

    async def take(request: web.Request) -> web.Response:
        if target.is_down:
            return web.Response(status=500)
        headers = {name.lower(): value for name, value in request.headers.items()}
        target.taken.append((headers, await request.read()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    target.url = f"127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield target
    finally:
        await runner.cleanup()


async def test_a_listener_that_was_killed_misses_nothing_and_repeats_nothing(
    sandbox: httpx.AsyncClient, blg_of: Callable[[httpx.AsyncClient], Blg]
) -> None:
    blg = blg_of(sandbox)
    async with taking() as target:
        listener = await blg.start("listen", target.url, "--types", "order.packed")
        assert listener.stderr
        said = [(await asyncio.wait_for(listener.stderr.readline(), 30)).decode() for _ in range(3)]
        secret = said[1].split()[-1]
        assert "Listening" in said[2]
        first = [await _publish(sandbox, number) for number in range(5)]
        await eventually(lambda: len(target.taken) == 5, 20)
        listener.send_signal(signal.SIGKILL)
        await listener.wait()
        later = [await _publish(sandbox, number) for number in range(5, 25)]
        await blg.run("listen", target.url, "--types", "order.packed", "--exit-after", "20")
        target.is_down = True
        lost = await _publish(sandbox, 25)
        failed = await blg.json("listen", target.url, "--types", "order.packed", "--exit-after", "1")
        target.is_down = False
        await blg.run("listen", target.url, "--retry-failed")

    assert [headers["webhook-id"] for headers, _ in target.taken] == [*first, *later, lost]
    assert (failed["id"], failed["taken"]) == (lost, False)
    bodies = [Webhook(secret).verify(body, headers) for headers, body in target.taken]
    assert [body["data"]["number"] for body in bodies] == list(range(26))


async def test_what_is_triggered_happens_is_explained_and_is_proved(
    sandbox: httpx.AsyncClient, client: httpx.AsyncClient, blg_of: Callable[[httpx.AsyncClient], Blg]
) -> None:
    blg = blg_of(sandbox)

    paid = await blg.json("trigger", "invoice.paid", "-O", "contact.name=Acme BV")
    disputed = await blg.json("trigger", "payment.disputed")
    before = await blg.json("clock")
    after = await blg.json("clock", "advance", "+2d")
    invoice = (await sandbox.get(f"/v1/invoices/{paid['made']['invoice']}")).json()
    explanation = await blg.json("explain", invoice["number"])
    told = await blg.run("explain", invoice["number"])
    proof = await blg.json("prove")
    listed = await blg.json("invoices", "list", "--status", "paid")
    await blg.run("trigger", "invoice.payed", code=2)
    live = await blg_of(client).start("trigger", "invoice.paid")
    _, refusal = await live.communicate()
    await blg.run("contacts", "get", paid["made"]["invoice"], code=1)
    await blg.run("--base-url", "http://127.0.0.1:1", "-q", "contacts", "list", code=2)
    await blg.run("explain", "x", "--base-url", "http://127.0.0.1:1", "-q", code=3)

    assert (paid["event"]["type"], paid["event"]["subject"]) == ("invoice.paid", paid["made"]["invoice"])
    assert disputed["event"]["type"] == "payment.disputed"
    assert after["now"] > before["now"]
    assert after["target"] is None
    assert explanation["state"] == "paid"
    assert "It is paid: 121.00 EUR" in told
    assert proof["holds"] is True
    assert invoice["id"] in [one["id"] for one in listed["data"]]
    assert invoice["contact"]["name"] == "Acme BV"
    assert (live.returncode, b"sandboxes alone" in refusal) == (2, True)


async def test_an_import_that_was_killed_goes_on_and_doubles_nothing(
    sandbox: httpx.AsyncClient, blg_of: Callable[[httpx.AsyncClient], Blg], tmp_path: Path
) -> None:
    blg, file = blg_of(sandbox), tmp_path / "klanten.csv"
    rows = [f"K{number};Klant {number};klant{number}@example.com;Plaats;nl" for number in range(400)]
    rows[7], rows[300] = "K7;;geen@example.com;Plaats;nl", "K300;Klant 300;geen adres;Plaats;nl"
    file.write_text("\n".join(["Klantnummer;Klantnaam;E-mail;Plaats;Land", *rows]), encoding="utf-8-sig")

    planned = await blg.json("import", "contacts", str(file), "--dry-run", "-q", code=1)
    assert (await sandbox.get("/v1/contacts")).json()["data"] == []
    importing = await blg.start("import", "contacts", str(file), "-q", "--workers", "2")

    async def has_begun() -> bool:
        reply = await sandbox.get("/v1/contacts", params={"limit": 1, "include": "total"})
        return bool(reply.json()["meta"]["total"] >= 20)

    await eventually(has_begun, 30)
    importing.send_signal(signal.SIGKILL)
    await importing.wait()
    done = await blg.json("import", "contacts", str(file), "-q", code=1)
    again = await blg.json("import", "contacts", str(file), "-q", code=1)
    exported = tmp_path / "contacts.csv"
    await blg.run("export", "contacts", "-o", str(exported))

    assert (planned["ready"], planned["rejected"]) == (398, 2)
    assert (done["created"] + done["seen_before"], done["rejected"]) == (398, 2)
    assert done["seen_before"] >= 20
    assert (again["created"], again["seen_before"]) == (0, 398)
    rejected = list(csv.DictReader((tmp_path / "klanten.csv.rejected.csv").open()))
    assert [(row["Klantnummer"], row["reason"].partition(":")[0]) for row in rejected] == [
        ("K7", "name"),
        ("K300", "email"),
    ]
    with exported.open() as written:
        found = list(csv.DictReader(written))
    assert len(found) == len({row["external_id"] for row in found}) == 398
    assert {row["address.city"] for row in found} == {"Plaats"}


async def test_the_doctor_names_what_is_wrong(
    sandbox: httpx.AsyncClient, blg_of: Callable[[httpx.AsyncClient], Blg], stack: Stack, tmp_path: Path
) -> None:
    blg = blg_of(sandbox)
    narrow = await created(sandbox, "/v1/api-keys", {"name": "Narrow", "scopes": ["webhooks:read"]})
    async with taking() as target:
        well = await blg.json("doctor")
        unsigned = await blg.json("doctor", "--endpoint", target.url, code=1)
    closed = await blg.json("doctor", "--endpoint", target.url, code=1)
    nowhere = await blg.json("doctor", "--base-url", "http://127.0.0.1:1", code=1)
    unknown = await blg.json("doctor", "--base-url", "http://no-such-host.invalid", code=1)
    wrong_key = Blg(blg.environment | {"BLG_API_KEY": "blg_test_nothing"})
    refused = await wrong_key.json("doctor", code=1)
    few = await Blg(blg.environment | {"BLG_API_KEY": narrow["key"]}).json("doctor", code=1)
    endpoint = await created(
        sandbox, "/v1/webhook-endpoints", {"url": "http://127.0.0.1:1025/x", "event_types": ["*"]}
    )
    await sandbox.post(f"/v1/webhook-endpoints/{endpoint['id']}/disable")
    disabled = await blg.json("doctor", code=1)
    nobody = Blg({name: value for name, value in blg.environment.items() if name != "BLG_BASE_URL"})
    signed_out = json.loads(await _in(tmp_path, nobody, "doctor", "--json", code=1))

    def wrong(said: Any) -> set[str]:
        return {check["name"] for check in said["checks"] if not check["is_right"]}

    assert (wrong(well), well["wrong"]) == (set(), 0)
    assert wrong(unsigned) == {"your endpoint's check"}
    assert wrong(closed) == {"your endpoint"}
    assert wrong(nowhere) == wrong(unknown) == {"address"} | (wrong(unknown) - {"TLS"})
    assert wrong(refused) == {"key"}
    assert wrong(few) == {"scope contacts:read", "scope invoices:read", "scope payments:read"}
    assert wrong(disabled) == {"endpoint http://127.0.0.1:1025/x"}
    assert wrong(signed_out) == {"profile"}
    assert all(check["remedy"] for check in disabled["checks"] if not check["is_right"])


async def _publish(client: httpx.AsyncClient, number: int) -> str:
    message = await created(
        client, "/v1/messages", {"event_type": "order.packed", "data": {"number": number}}
    )
    return str(message["webhook_id"])


async def _in(folder: Path, blg: Blg, *arguments: str, code: int) -> str:
    with contextlib.chdir(folder):
        return await blg.run(*arguments, code=code)
