"""Why did it not arrive? What was sent of a resource is found by it, with how each attempt went."""

import socket
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from services.webhook_delivery.deliveries.domain.delivery import UNDELIVERED
from services.webhook_delivery.deliveries.repository import attempts
from services.webhook_delivery.deliveries.repository import views as delivery_views
from services.webhook_delivery.deliveries.repository.views import DeliveryFilter, KeyRange
from services.webhook_delivery.message_store import repository as messages
from shared.kernel.ids import new_id
from shared.testing.eventually import eventually
from tests.integration.webhook_delivery.conftest import Receiver, a_message, an_endpoint, are, listed
from tests.integration.webhook_delivery.test_consuming import an_event, produce
from tests.unit.webhook_delivery.builders import NOW

ROWS = 10_000
TYPE = "credit_balance.updated"


async def test_what_was_sent_of_a_resource_is_found_by_it_with_its_last_outcome(
    start_hooks: Any, a_principal: Any, kafka_servers: str, receiver: Receiver
) -> None:
    hooks, who = await start_hooks(), a_principal()
    async with hooks.client(who) as client:
        alive = await an_endpoint(client, receiver.url)
        dead = await an_endpoint(client, f"http://127.0.0.1:{_free_port()}/hooks", event_types=[TYPE])
        # No endpoint hears of what happened before it was there.
        event, other = an_event(who.workspace_id), an_event(who.workspace_id)
        await produce(kafka_servers, *((one, one.encode()) for one in (event, other)))
        own = await a_message(client)
        await eventually(lambda: are(client, *["pending"] * 2, *["delivered"] * 3))
        subject = str(event.subject)

        [message] = await listed(client, "/v1/messages", resource_id=subject)
        found = await listed(client, "/v1/deliveries", subject=subject.upper())

        assert (message["subject"], message["resource_id"]) == (subject, subject)
        assert {(one["message_id"], one["webhook_id"]) for one in found} == {
            (message["id"], message["webhook_id"])
        }
        assert {(one["event_type"], one["subject"]) for one in found} == {(TYPE, subject)}
        waiting, arrived = found
        assert waiting["endpoint_id"] == dead["id"]
        assert arrived["last_attempt"]["status"] == 200
        refused = {"status": None, "error": "connection", "reason": "connection_refused"}
        assert waiting["last_attempt"].items() >= refused.items()
        logged = await listed(client, f"/v1/deliveries/{waiting['id']}/attempts")
        assert logged[0]["reason"] == "connection_refused"
        assert (await client.get(f"/v1/deliveries/{arrived['id']}")).json() == arrived
        await _is_narrowed_by(client, {"mine": message, "own": own}, alive)
        both = {"subject": subject, "resource_id": str(new_id())}
        assert (await client.get("/v1/deliveries", params=both)).status_code == 422
        assert len(await listed(client, "/v1/messages", event_type=TYPE, since="2026-01-01T00:00:00Z")) == 2


async def test_a_failure_that_was_held_keeps_its_type_when_it_is_sent_again(
    start_hooks: Any, a_principal: Any, receiver: Receiver
) -> None:
    hooks = await start_hooks()
    async with hooks.client(a_principal()) as client:
        endpoint = await an_endpoint(client, receiver.url)
        await client.post(f"/v1/webhook-endpoints/{endpoint['id']}/pause")
        await a_message(client)
        [held] = await listed(client, "/v1/deliveries", event_type="order.packed", state="held")

        await client.post(f"/v1/webhook-endpoints/{endpoint['id']}/enable")
        job = {"since": "2026-01-01T00:00:00Z"}
        reply = await client.post(f"/v1/webhook-endpoints/{endpoint['id']}/recover", json=job)

        assert reply.status_code == 202, reply.text
        await receiver.wait()
        [arrived] = await eventually(
            lambda: listed(client, "/v1/deliveries", event_type="order.packed", state="delivered")
        )
        assert (arrived["id"], held["last_attempt"]) == (held["id"], None)


class Explaining:
    """Runs nothing: asks Postgres how it would."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self.plans: dict[str, str] = {}

    async def fetch(self, sql: str, *given: Any) -> list[Any]:
        rows = await self.connection.fetch("EXPLAIN " + sql, *given)
        self.plans[sql] = "\n".join(row[0] for row in rows)
        return []


async def test_every_filter_goes_along_an_index(databases: Any) -> None:
    connection = await asyncpg.connect(databases.admin_dsn)
    workspace_id, subject = new_id(), new_id()
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SET LOCAL search_path = webhook_delivery")
        await _fill(connection, workspace_id)
        explaining: Any = Explaining(connection)
        for wanted in (
            messages.MessageFilter(),
            messages.MessageFilter(event_type="rare.type"),
            messages.MessageFilter(subject=str(subject)),
            messages.MessageFilter(since=NOW, until=NOW),
        ):
            await messages.find_page(explaining, workspace_id, wanted, new_id(), 100)
        await messages.positions_about(explaining, workspace_id, str(subject), 5000)
        await messages.facts(explaining, workspace_id, [new_id()])
        for narrower in ({"event_type": "rare.type"}, {"messages": {new_id(): 7}}, {"endpoint_id": new_id()}):
            one = DeliveryFilter(**narrower)  # type: ignore[arg-type]
            await delivery_views.pending(explaining, workspace_id, one, KeyRange(100))
            await delivery_views.ended(explaining, workspace_id, one, KeyRange(100), UNDELIVERED)
            await delivery_views.delivered(explaining, workspace_id, one, KeyRange(100))
        await attempts.newest_of_messages(explaining, workspace_id, [new_id()], NOW)
        await attempts.newest_of_deliveries(explaining, workspace_id, [new_id()], NOW)
        await transaction.rollback()
    finally:
        await connection.close()

    assert len(explaining.plans) == 17
    today = NOW.now().strftime("_%Y%m%d")
    for sql, plan in explaining.plans.items():
        for table in ("message", "delivery_failed", "attempt", "delivery_due"):
            part = "" if table == "delivery_due" else today
            assert f"Seq Scan on {table}{part}" not in plan, f"{sql}\n{plan}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def _is_narrowed_by(
    client: httpx.AsyncClient, published: dict[str, Any], endpoint: dict[str, Any]
) -> None:
    message, own, alive = published["mine"], published["own"], endpoint
    subject = message["subject"]
    for query, count in (
        ({"event_type": TYPE}, 4),
        ({"event_type": TYPE, "state": "delivered"}, 2),
        ({"event_type": TYPE, "endpoint_id": alive["id"]}, 2),
        ({"message_id": own["webhook_id"]}, 1),
        ({"message_id": own["id"], "subject": subject}, 0),
        ({"message_id": message["id"], "until": "2026-01-01T00:00:00Z"}, 0),
        ({"subject": str(new_id())}, 0),
    ):
        assert len(await listed(client, "/v1/deliveries", **query)) == count, query


async def _fill(connection: asyncpg.Connection, workspace_id: UUID) -> None:
    same = "$1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid()"
    many = f"FROM generate_series(1, {ROWS}) AS n"
    await connection.execute(
        f"""INSERT INTO message (workspace_id, id, created_at, event_type, source_event_id, ordering_key,
            position, body)
        SELECT $1, gen_random_uuid(), now(), 'invoice.updated', n, gen_random_uuid(), n, '' {many}""",
        workspace_id,
    )
    await connection.execute(
        f"""INSERT INTO delivery_failed (workspace_id, id, endpoint_id, message_id, message_created_at, seq,
            state, attempts, finished_at, event_type)
        SELECT {same}, now(), n, 2, 10, now(), 'invoice.updated' {many}""",
        workspace_id,
    )
    await connection.execute(
        f"""INSERT INTO attempt (workspace_id, delivery_id, message_id, endpoint_id, n, kind, at, ms, status,
            final, req_headers, resp_headers, resp_body, event_type)
        SELECT {same}, 1, 0, now(), 5, 200, 1, '{{}}', '{{}}', '', 'invoice.updated' {many}""",
        workspace_id,
    )
    await connection.execute(
        f"""INSERT INTO delivery_due (workspace_id, id, endpoint_id, message_id, message_created_at, seq,
            shard, due_at, event_type)
        SELECT {same}, now(), n, n % 16, now(), 'invoice.updated' {many}""",
        workspace_id,
    )
    await connection.execute("ANALYZE message, delivery_failed, attempt, delivery_due")
