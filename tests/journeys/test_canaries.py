"""Secrets that are planted in every place that takes one are found afterwards only where they belong."""

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer

from shared.kernel.ids import new_id
from shared.testing.eventually import eventually
from tests.journeys.conftest import Receiver, Stack, an_invoice, created

BOOK = "sandbox_document"
"""What the sandbox's provider keeps for itself: a real one keeps it in its own house."""
# Written as people write it, with separators that are no blanks.
CARD = "4242.4242.4242.4242"


async def test_planted_secrets_are_found_nowhere_but_where_they_belong(
    stack: Stack, client: httpx.AsyncClient, receiver: Receiver, make_workspace: Any
) -> None:
    secrets, token = await _plant(client, receiver)
    secrets |= {"admin token": stack.admin_token, "internal secret": _internal_secret(stack)}
    secrets["payer's secret"] = await _setup(await make_workspace(mode="sandbox"))
    # What was planted has gone all its ways once the last event has come out of the platform.
    await created(client, "/v1/messages", {"event_type": "canary.last", "data": {}})
    await eventually(lambda: receiver.of_type("canary.last") and receiver.of_type("invoice.issued"), 30)

    places = {
        "logs": _logs(stack),
        "tables": await _tables(stack),
        "Kafka": await _kafka(stack),
        "webhooks": b"\n".join(body for _, body in receiver.raw),
    }
    found = [
        f"{name} in {place}"
        for place, content in places.items()
        for name, secret in secrets.items()
        if secret.encode() in content
    ]

    assert found == []
    assert token.encode() not in places["logs"]
    # The search finds what is there: a payer's link is meant to be told.
    assert token.encode() in places["webhooks"]
    assert token.encode() in places["Kafka"]
    assert token.encode() in places["tables"]
    assert b"request.answered" in places["logs"]


async def _plant(client: httpx.AsyncClient, receiver: Receiver) -> tuple[dict[str, str], str]:
    """Every secret by its name, and the token of a payer's link, which was opened."""
    words = {name: f"{name}{new_id().hex}" for name in ("header", "password", "key", "hook", "token")}
    endpoint = await created(
        client,
        "/v1/webhook-endpoints",
        {
            "url": receiver.url,
            "event_types": ["canary.*"],
            "headers": {"Authorization": f"Bearer {words['header']}"},
        },
    )
    server = {"kind": "smtp", "mode": "live", "host": "mail.example.com", "sender_email": "us@example.com"}
    await created(client, "/v1/channel-settings", {**server, "username": "us", "secret": words["password"]})
    account = {"kind": "twilio", "mode": "live", "account_sid": f"AC{'a' * 32}", "sender": "Acme"}
    await created(client, "/v1/channel-settings", {**account, "secret": words["token"]})
    keys = {"secret_key": f"sk_test_{words['key']}", "webhook_secret": f"whsec_{words['hook']}"}
    await created(client, "/v1/provider-connections", {"provider": "stripe", "mode": "test", **keys})
    key = await _used_key(client)
    await client.post(f"/v1/webhook-endpoints/{endpoint['id']}/secret/rotate")
    for name in ("name", "city"):
        refused = await client.post("/v1/contacts", json={"name": "Acme", name: f"x {CARD}"})
        assert refused.status_code == 422, refused.text
    await client.get(f"/v1/contacts/{CARD}")
    invoice = await an_invoice(client, "10.00")
    url = (await client.get(f"/v1/invoices/{invoice['id']}")).json()["public_url"]
    token = url.rpartition("/")[2]
    for path in (url, f"{url}/pdf", f"{url}x"):
        await client.get(path)
    return {
        **words,
        "API key": key,
        "own API key": client.headers["x-api-key"],
        "signing secret": endpoint["secret"],
        "card": CARD,
        "card's digits": CARD.replace(".", ""),
    }, token


async def _used_key(client: httpx.AsyncClient) -> str:
    """A new key, which was shown once and used."""
    made = await client.post(
        "/v1/api-keys",
        json={"name": "Canary", "scopes": ["contacts:read"]},
        headers={"idempotency-key": new_id().hex},
    )
    async with httpx.AsyncClient(base_url=client.base_url) as other:
        await other.get("/v1/contacts", headers={"x-api-key": made.json()["key"]})
    return str(made.json()["key"])


async def _setup(client: httpx.AsyncClient) -> str:
    """The secret of a setup intent, which was asked for twice with one key."""
    contact = await created(client, "/v1/contacts", {"name": "Acme BV"})
    path, body = "/v1/payment-methods/setup-intents", {"contact_id": contact["id"]}
    async with asyncio.timeout(20):
        while True:
            replies = [await client.post(path, json=body, headers={"idempotency-key": "k"}) for _ in range(2)]
            if all(reply.status_code == 201 for reply in replies):
                return str(replies[1].json()["client_secret"])
            await asyncio.sleep(0.5)


def _internal_secret(stack: Stack) -> str:
    return str(json.loads((stack.file.parent / "secrets.json").read_text())["internal_token_secret"])


def _logs(stack: Stack) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(Path(stack.file.parent, "logs").glob("*.log*")))


async def _tables(stack: Stack) -> bytes:
    """Every row of every table of ours as text, and bytes as the text that they may be."""
    connection = await asyncpg.connect(stack.postgres_dsn)
    try:
        tables: list[Any] = await connection.fetch(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> $1",
            BOOK,
        )
        found = []
        for table in tables:
            rows = await connection.fetch(f"SELECT * FROM ONLY {table['name']}")
            found += [
                value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row
            ]
        return b"\n".join(found)
    finally:
        await connection.close()


async def _kafka(stack: Stack) -> bytes:
    """Every record of every topic: keys, headers and values."""
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    found: list[bytes] = []
    try:
        topics = await consumer.topics()
        consumer.subscribe(topics=[one for one in topics if not one.startswith("__")])
        async with asyncio.timeout(60):
            while batch := await consumer.getmany(timeout_ms=3_000, max_records=5_000):
                for records in batch.values():
                    for one in records:
                        headers = b" ".join(value or b"" for _, value in one.headers)
                        found.append(b" ".join((one.key or b"", headers, one.value or b"")))
    finally:
        await consumer.stop()
    return b"\n".join(found)
