"""What operators see of the running platform: the metrics that rules name, and one trace of a payment."""

import asyncio
import re
from typing import Any

import httpx

from deploy.monitoring import dashboards, rules
from deploy.monitoring.expressions import OUTSIDE, metrics
from shared.testing.eventually import eventually
from tests.collector import Collector, Received
from tests.journeys.conftest import Receiver, Stack, an_invoice, created

TRACE = "7af92f3577b34da6a3ce929d0e0e4736"
SERVICES = ("gateway", "invoice", "payment", "subscription-renewal", "webhook-delivery")
CANARY = "canary.person@example.com"
STEPS = {
    ("gateway", "POST /v1/payments"),
    ("gateway", "POST payment"),
    ("payment", "POST /v1/payments"),
    ("payment", "COMMIT"),
    ("payment", "publish payment.created"),
    ("invoice", "process payment.created"),
    ("invoice", "UPDATE invoice"),
    ("invoice", "publish invoice.paid"),
    ("webhook-delivery", "WITH message_dedup"),
}
"""Some of what happens because of one payment, and where."""


async def scraped(stack: Stack) -> set[str]:
    """The names of all series that the services show."""
    ports = {one["name"]: one["metrics_port"] for one in stack.processes}
    async with httpx.AsyncClient(timeout=10) as client:
        pages = await asyncio.gather(
            *(client.get(f"http://127.0.0.1:{ports[name]}/metrics") for name in SERVICES)
        )
    return {name for page in pages for name in re.findall(r"^([a-z]\w*)[ {]", page.text, re.MULTILINE)}


async def test_every_metric_of_a_rule_or_panel_shows_in_a_scrape(
    stack: Stack, client: httpx.AsyncClient, receiver: Receiver
) -> None:
    wanted = {name for expression in dashboards.expressions() for name in metrics(expression)}
    wanted |= {name for rule in rules.rules() for name in metrics(rule["expr"])}
    invoice = await an_invoice(client, "10.00")
    await created(client, "/v1/payments", {"invoice_id": invoice["id"], "amount": "10.00"})
    await eventually(lambda: receiver.of_type("invoice.paid"))

    # Some gauges are measured every few seconds only.
    missing: set[str] = set()
    for _ in range(40):
        missing = wanted - rules.recorded() - set(OUTSIDE) - await scraped(stack)
        if not missing:
            break
        await asyncio.sleep(0.5)

    assert missing == set()


async def test_metrics_stand_on_no_port_that_callers_reach(stack: Stack) -> None:
    ports = [one["port"] for one in stack.processes if one["name"] in SERVICES]
    async with httpx.AsyncClient(timeout=10) as client:
        replies = [await client.get(f"http://127.0.0.1:{port}/metrics") for port in ports]

    assert [reply.status_code for reply in replies] == [404] * len(SERVICES)
    assert "billing_" not in "".join(reply.text for reply in replies)


async def test_one_payment_is_one_trace_through_every_service(
    client: httpx.AsyncClient, receiver: Receiver, collector: Collector
) -> None:
    invoice = await an_invoice(client, "10.00", notes=CANARY)

    await client.post(
        "/v1/payments",
        json={"invoice_id": invoice["id"], "amount": "10.00", "external_reference": CANARY},
        headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
    )
    await eventually(lambda: receiver.of_type("invoice.paid"))
    # Each service hands its spans over when it has time.
    spans = await eventually(lambda: _complete(collector.of_trace(TRACE)), timeout_seconds=30)

    assert _orphans(spans) == []
    assert CANARY not in str(spans)
    assert invoice["id"] not in str(spans)
    sent = {headers["traceparent"][36:52] for headers, _ in receiver.raw if TRACE in headers["traceparent"]}
    assert sent == {span.span_id for span in spans if span.name == "POST webhook"}


def _complete(spans: list[Received]) -> list[Received] | None:
    """The spans, once every step and the last of them all, the delivered webhooks, have arrived."""
    steps = {(span.service.removeprefix("billing-"), span.name) for span in spans}
    told = [span for span in spans if span.name == "POST webhook"]
    return spans if steps >= STEPS and len(told) >= 3 and not _orphans(spans) else None


def _orphans(spans: list[Received]) -> list[Any]:
    known = {span.span_id for span in spans} | {"00f067aa0ba902b7"}
    return [span for span in spans if span.parent_id not in known]
