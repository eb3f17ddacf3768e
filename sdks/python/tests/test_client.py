"""The client itself: every operation, secrets, threads, forks, large lists, types."""

from __future__ import annotations

import asyncio
import datetime
import decimal
import json
import logging
import os
import pickle
import re
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from billing_sdk import AsyncBilling, Billing, errors
from billing_sdk._generated import models

from sdks.generator import python, spec
from sdks.generator.__main__ import DESCRIPTION, files
from sdks.python.tests.conftest import KEY, ROOT, Server

SPEC = spec.read(json.loads(DESCRIPTION.read_text()))
SOURCE = ROOT / "sdks" / "python" / "src"
PAGE = {"data": [], "meta": {"limit": 100, "next_cursor": None, "total": None}}


def _answering(reply: Any) -> tuple[httpx.Client, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        found = reply(request) if callable(reply) else reply
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    return httpx.Client(transport=httpx.MockTransport(answer)), seen


def test_each_operation_of_the_description_is_exactly_one_method_in_sync_and_async() -> None:
    http, seen = _answering({**PAGE, "id": "x"})
    client = Billing(KEY, base_url="http://platform.example", http_client=http)
    for operation in SPEC.operations:
        method: Any = client
        for name in operation.name.split("."):
            method = getattr(method, name)
        fields = {name: _some(type_) for name, type_ in python.required(operation)}
        result = method(*["7" for _ in operation.ids], **fields)
        if operation.reply == spec.Reply.PAGES:
            result.page()
        elif operation.reply == spec.Reply.FILE:
            result.read()
        path = operation.template.format(*["7" for _ in operation.ids])
        assert (seen[-1].method, seen[-1].url.path) == (operation.method, path), operation.name
        other: Any = AsyncBilling(KEY, base_url="http://platform.example")
        for name in operation.name.split("."):
            other = getattr(other, name)

    assert len(seen) == len(SPEC.operations) > 190


def _some(type_: str) -> Any:
    return b"x" if type_ == "bytes" else 1 if type_ == "int" else [] if type_.startswith("Sequence") else "x"


def test_what_is_generated_is_what_the_description_says() -> None:
    assert [path for path, text in files().items() if path.read_text() != text] == [], "run `make sdks`"


def test_every_code_is_an_error_of_its_status() -> None:
    for problem in SPEC.problems:
        content = json.dumps({"code": problem.code}).encode()
        error = errors.of_answer(problem.status, {}, content)
        assert isinstance(error, errors.BY_STATUS.get(problem.status, errors.ApiError)), problem.code


def test_every_event_has_its_class() -> None:
    assert models.EVENTS.keys() == {event.type for event in SPEC.events}


def test_no_key_is_in_any_text(caplog: pytest.LogCaptureFixture, server: Server) -> None:
    caplog.set_level(logging.DEBUG)
    server.play([{"reply": {"status": 403, "json": {"code": "forbidden", "detail": "No."}}}])
    client = Billing(KEY, base_url=server.url)
    texts = [repr(client), repr(client.invoices), repr(client._transport.settings), str(client._transport.settings)]
    with pytest.raises(errors.Forbidden) as refused:
        client.invoices.get("x")
    texts += [repr(refused.value), str(refused.value), str(vars(refused.value)), caplog.text]
    away = Billing(KEY, base_url="http://127.0.0.1:9", max_retries=0)
    with pytest.raises(errors.ConnectionFailed) as gone:
        away.invoices.get("x")
    texts += [repr(gone.value), str(gone.value), str(vars(gone.value)), caplog.text]
    assert "invoices" in caplog.text
    assert not [text for text in texts if KEY in text]
    with pytest.raises(ValueError, match="ASCII") as odd:
        Billing("blg_test_ü", base_url=server.url).invoices.get("x")
    assert "blg_test_ü" not in str(odd.value)


def test_what_a_client_lacks_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BILLING_API_KEY", raising=False)
    monkeypatch.delenv("BILLING_BASE_URL", raising=False)
    for given, said in (
        ({}, "BILLING_API_KEY"),
        ({"api_key": KEY}, "base_url"),
        ({"api_key": KEY, "base_url": "platform.example"}, "base_url"),
        ({"api_key": KEY, "base_url": "https://u:p@platform.example"}, "credentials"),
        ({"api_key": KEY, "token": "t", "base_url": "https://platform.example"}, "not both"),
        ({"api_key": KEY, "base_url": "https://platform.example", "timeout": 0}, "timeout"),
        ({"api_key": KEY, "base_url": "https://platform.example", "max_retries": -1}, "max_retries"),
    ):
        with pytest.raises(ValueError, match=said):
            Billing(**given)  # type: ignore[arg-type]
    monkeypatch.setenv("BILLING_API_KEY", KEY)
    monkeypatch.setenv("BILLING_BASE_URL", "https://platform.example/")
    assert Billing().base_url == "https://platform.example"


def test_dates_ids_and_decimals_are_sent_as_text_and_floats_not_at_all() -> None:
    http, seen = _answering({"id": "x"})
    client = Billing(KEY, base_url="http://platform.example", http_client=http)
    identity = uuid.uuid4()
    client.invoices.create(
        contact_id=identity,
        issue_date=datetime.date(2026, 3, 1),
        lines=[{"description": "A", "quantity": decimal.Decimal("1E+2"), "unit_price": decimal.Decimal("0.10")}],
    )
    sent = json.loads(seen[-1].content)
    assert (sent["contact_id"], sent["issue_date"]) == (str(identity), "2026-03-01")
    assert (sent["lines"][0]["quantity"], sent["lines"][0]["unit_price"]) == ("100", "0.10")
    with pytest.raises(TypeError, match=r"lines\[0\]\.unit_price is a float"):
        client.invoices.create(contact_id="x", lines=[{"unit_price": 0.1}])  # type: ignore[typeddict-item]
    with pytest.raises(ValueError, match="time zone"):
        client.sandbox.clock.advance(to=datetime.datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="no number"):
        client.invoices.create(contact_id="x", lines=[{"quantity": decimal.Decimal("NaN")}])
    assert len(seen) == 1


def test_a_field_that_is_a_word_of_python_has_an_underscore_behind_it() -> None:
    http, seen = _answering({"id": "x"})
    client = Billing(KEY, base_url="http://platform.example", http_client=http)
    client.meters.usage("calls", from_="2026-01-01T00:00:00Z", before="2026-02-01T00:00:00Z")

    assert seen[-1].url.params["from"] == "2026-01-01T00:00:00Z"


def test_a_list_gives_each_old_row_once_while_rows_are_added() -> None:
    rows = [f"{number:06d}" for number in range(1_050, 0, -1)]

    def answer(request: httpx.Request) -> Any:
        after = request.url.params.get("cursor")
        left = [row for row in rows if after is None or row < after]
        shown = left[:100]
        # Ten more come between each two pages, before all that are there.
        rows[:0] = [f"{int(rows[0]) + more:06d}" for more in range(10, 0, -1)]
        cursor = shown[-1] if len(left) > 100 else None
        return {"data": [{"id": row} for row in shown], "meta": {"next_cursor": cursor}}

    http, seen = _answering(answer)
    client = Billing(KEY, base_url="http://platform.example", http_client=http)

    ids = [one.id for one in client.contacts.list()]

    assert ids == [f"{number:06d}" for number in range(1_050, 0, -1)]
    assert len(seen) == 11


def test_threads_share_a_client(server: Server) -> None:
    server.play([{"reply": {"json": {"id": str(number)}}} for number in range(40)])
    found: list[str] = []
    with Billing(KEY, base_url=server.url) as client:

        def ask() -> None:
            found.extend(client.invoices.get("x").id for _ in range(5))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(map(int, found)) == list(range(40))


def test_a_forked_process_opens_connections_of_its_own(server: Server) -> None:
    server.play([{"reply": {"json": {"id": str(number)}}} for number in range(3)])
    program = f"""
import os
from billing_sdk import Billing
client = Billing("{KEY}", base_url="{server.url}")
first, before = client.invoices.get("x").id, client._transport._http()
child = os.fork()
if child == 0:
    fine = client.invoices.get("x").id == "1" and client._transport._http() is not before
    os._exit(0 if fine else 1)
assert os.waitpid(child, 0)[1] == 0
assert client.invoices.get("x").id == "2" and client._transport._http() is before
"""
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "PYTHONPATH": str(SOURCE)})


def test_all_connections_in_use_is_not_a_slow_server(server: Server) -> None:
    server.play([{"reply": {"json": {"id": "1"}, "delay": 1.5}}])
    http = httpx.Client(limits=httpx.Limits(max_connections=1))
    client = Billing(KEY, base_url=server.url, http_client=http, timeout=5, max_retries=0)
    slow = threading.Thread(target=lambda: client.invoices.get("x"))
    slow.start()
    while not server_is_busy(http):
        pass
    with pytest.raises(errors.PoolTimedOut):
        client.invoices.get("x", timeout=0.2)
    slow.join()


def server_is_busy(http: httpx.Client) -> bool:
    """Whether its one connection is taken."""
    pool: Any = http._transport
    return bool(pool._pool.connections) and not pool._pool.connections[0].is_idle()


def test_a_token_may_be_a_function_that_is_asked_each_time() -> None:
    http, seen = _answering({"id": "x"})
    tokens = iter(["first", "second"])
    client = Billing(
        token=lambda: next(tokens), workspace="jansen", base_url="http://platform.example", http_client=http
    )
    client.invoices.get("x")
    client.invoices.get("x")
    assert [one.headers["authorization"] for one in seen] == ["Bearer first", "Bearer second"]
    assert seen[0].headers["x-tenant-slug"] == "jansen"


async def test_an_async_token_is_awaited() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "x"})

    async def token() -> str:
        await asyncio.sleep(0)
        return "later"

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    async with AsyncBilling(token=token, base_url="http://platform.example", http_client=http) as client:
        await client.invoices.get("x")
    assert seen[0].headers["authorization"] == "Bearer later"


def test_an_error_and_an_object_survive_a_pickle() -> None:
    content = json.dumps({"code": "invoice_has_no_lines", "detail": "No.", "request_id": "req_1"}).encode()
    error = errors.of_answer(422, {}, content, idempotency_key="k")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.idempotency_key) == (type(error), str(error), "k")

    invoice = models.Invoice({"id": "x", "lines": [{"id": "l"}]})
    same = pickle.loads(pickle.dumps(invoice))
    assert same == invoice
    assert same.lines[0].id == "l"
    with pytest.raises(ValueError, match="within another"):
        _ = same.lines[0].last_response
    assert repr(invoice) == "<Invoice x>"
    with pytest.raises(AttributeError, match="Invoice has no number"):
        _ = invoice.number


def test_a_deprecation_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    http, _ = _answering(
        lambda _: httpx.Response(200, json={"id": "x"}, headers={"billing-deprecation": "after 2027-01-01"})
    )
    client = Billing(KEY, base_url="http://platform.example", http_client=http)
    client.invoices.get("x")
    client.invoices.get("x")
    assert caplog.text.count("after 2027-01-01") == 1


def test_the_import_loads_neither_httpx_nor_models() -> None:
    heavy = ("httpx", "asyncio", "billing_sdk._generated.models")
    program = f"import sys, billing_sdk; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={"PYTHONPATH": str(SOURCE)}, check=True
    )
    assert done.stdout.strip() == "[]"


WRONG = """
from billing_sdk import Billing
client = Billing()
client.contacts.create(nmae="A")
client.invoices.get("x").nubmer
client.invoices.create(lines=[])
client.invoices.issue()
client.invoices.list(stauts=["open"])
"""


def test_a_type_checker_finds_wrong_names_and_nothing_else(tmp_path: Path) -> None:
    recipes = "\n".join(_recipes())
    (tmp_path / "good.py").write_text(recipes)
    (tmp_path / "wrong.py").write_text(WRONG)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--no-error-summary", "--config-file="]
    done = subprocess.run(
        [*command, "good.py", "wrong.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "MYPYPATH": str(SOURCE)},
        check=False,
    )
    lines = done.stdout.splitlines()
    assert [line for line in lines if "good.py" in line and "error" in line] == []
    assert sorted({line.split(":")[1] for line in lines if "wrong.py" in line}) == ["4", "5", "6", "7", "8"]


def _recipes() -> list[str]:
    text = (ROOT / "sdks" / "python" / "README.md").read_text()
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)
