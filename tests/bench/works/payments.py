"""Payments through the gateway, one by one and as bank statements."""

import itertools
import json
import re
import time
from collections.abc import Iterator

from tests.bench import load
from tests.bench.platform import Workspace
from tests.bench.work import Done, Goal, Round, Scene, Work
from tests.bench.works.invoices import issue_many

INVOICES = 1_000
LINES = 1_000
PAID_ON = "2026-04-11"
_REGISTERED = re.compile(rb'"registered": ?(\d+)')


async def one_by_one(scene: Scene) -> Round:
    """A cent on one invoice after another, 8 clients."""
    workspace = await scene.platform.new_workspace(scene.sink_url)
    invoices = await issue_many(workspace, INVOICES, "100000")
    requests = _payments(workspace, [invoice["id"] for invoice in invoices])

    async def pay(count: int) -> Done:
        result = await load.run(requests, url_of(workspace), clients=8, count=count)
        return Done(len(result.latencies), result.failures)

    return pay


async def statements(scene: Scene) -> Round:
    """Lines that pay a cent each by an invoice's number, 1,000 a request, 2 clients."""
    workspace = await scene.platform.new_workspace(scene.sink_url)
    invoices = await issue_many(workspace, INVOICES, "100000")
    requests = _statements(workspace, [invoice["number"] for invoice in invoices])

    async def import_lines(count: int) -> Done:
        # The reply is a success also where a line in it is none.
        lines = 0

        def heard(_: int, __: float, reply: bytes) -> None:
            nonlocal lines
            found = _REGISTERED.search(reply)
            lines += int(found[1]) if found else 0

        result = await load.run(requests, url_of(workspace), clients=2, count=count // LINES, heard=heard)
        failed = ["not registered"] * (len(result.latencies) * LINES - lines)
        return Done(lines, result.failures + failed, {"accepted_per_second": lines / result.seconds})

    return import_lines


def url_of(workspace: Workspace) -> str:
    """Where everybody asks."""
    return str(workspace.platform.facts["gateway_url"])


def _payments(workspace: Workspace, invoice_ids: list[str]) -> Iterator[bytes]:
    url = f"{url_of(workspace)}/v1/payments"
    for invoice_id in itertools.cycle(invoice_ids):
        body = json.dumps({"invoice_id": invoice_id, "amount_minor": 1}).encode()
        yield load.Request(url, workspace.headers, body).wire()


def _statements(workspace: Workspace, numbers: list[str]) -> Iterator[bytes]:
    url, run = f"{url_of(workspace)}/v1/payments/batch", time.time_ns()
    for statement in itertools.count():
        lines = [
            {
                "reference": numbers[line % len(numbers)],
                "amount_minor": 1,
                "external_reference": f"B{run}-{statement}-{line}",
                "paid_on": PAID_ON,
            }
            for line in range(LINES)
        ]
        body = json.dumps({"payments": lines}).encode()
        yield load.Request(url, workspace.headers, body).wire()


WORKS = (
    Work(
        "payments",
        "POST /v1/payments, 8 clients",
        "payment",
        one_by_one,
        count=1_500,
        warm_up=600,
        goals=(Goal("cpu_ms", 2.6),),
    ),
    Work(
        "statements",
        "POST /v1/payments/batch, 1,000 lines a request, 2 clients",
        "line",
        statements,
        count=10_000,
        warm_up=2_000,
        goals=(Goal("cpu_ms", 0.4), Goal("accepted_per_second", 10_000, is_least=True)),
    ),
)
