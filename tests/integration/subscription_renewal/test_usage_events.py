"""Usage is told, counted once, looked at and taken back; over HTTP, against a real database."""

import asyncio
import gzip
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.subscription_renewal.usage_events.workers import keep_usage
from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.subscription_renewal.metering import a_meter, an_event, told, total, used

HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=30)


async def test_each_way_of_telling_counts_an_event_once(client: httpx.AsyncClient) -> None:
    await a_meter(client)
    event = an_event("0.1")
    lines = "\n".join(json.dumps(one) for one in [event, an_event(0.2), an_event("1e-3")]).encode()
    ndjson = {"content-type": "application/x-ndjson", "prefer": "wait=10"}

    first = await told(client, event)
    array = await told(client, [event, an_event(2), an_event(3)])
    plain = await client.post("/v1/usage-events", content=lines, headers=ndjson)
    zipped = await client.post(
        "/v1/usage-events", content=gzip.compress(lines), headers=ndjson | {"content-encoding": "gzip"}
    )

    assert (first["counted"], first["repeated"]) == (1, 0)
    assert (array["counted"], array["repeated"]) == (2, 1)
    assert (plain.json()["counted"], plain.json()["repeated"]) == (2, 1)
    assert (zipped.json()["counted"], zipped.json()["repeated"]) == (0, 3)
    # 0.1 + 2 + 3 + 0.2 + 0.001, exact.
    assert await total(client) == Decimal("5.301")


async def test_an_id_with_other_content_is_told_and_the_first_counts(client: httpx.AsyncClient) -> None:
    await a_meter(client)
    event = an_event("10")
    await told(client, event)

    said = await told(client, [event | {"data": {"tokens": "99"}}, event])

    assert (said["counted"], said["repeated"]) == (0, 1)
    assert [one["id"] for one in said["conflicting"]] == [event["id"]]
    assert await total(client) == 10


@pytest.fixture
def bad_events() -> list[tuple[dict[str, Any], str, str]]:
    """What is wrong with an event, the code of that, and where it is."""
    return [
        ({"data": {"tokens": "many"}}, "value_not_a_number", "/1/data/tokens"),
        ({"data": {"tokens": True}}, "value_not_a_number", "/1/data/tokens"),
        ({"data": {"tokens": None}}, "value_missing", "/1/data/tokens"),
        ({"data": {"tokens": "1e16"}}, "value_too_large", "/1/data/tokens"),
        ({"data": {"tokens": "0.0000000000001"}}, "value_too_precise", "/1/data/tokens"),
        ({"data": {"tokens": 1, "model": "m" * 129}}, "dimension_too_long", "/1/data/model"),
        ({"data": {"tokens": 1, "note": "x" * 2_048}}, "data_too_large", "/1/data"),
        ({"data": [1]}, "not_an_object", "/1/data"),
        ({"type": "api.answer"}, "no_meter", "/1/type"),
        ({"subject": ""}, "field_missing", "/1/subject"),
        ({"id": 5}, "field_missing", "/1/id"),
        ({"specversion": "0.3"}, "version_unknown", "/1/specversion"),
        ({"time": "2026-06-11 10:37"}, "time_not_readable", "/1/time"),
        ({"time": "2026-13-11T10:37:00Z"}, "time_not_readable", "/1/time"),
        ({"time": (HOUR - timedelta(days=36)).isoformat()}, "event_too_old", "/1/time"),
        ({"time": (HOUR + timedelta(days=3)).isoformat()}, "event_in_future", "/1/time"),
    ]


async def test_one_bad_event_has_nothing_taken(
    client: httpx.AsyncClient, bad_events: list[tuple[dict[str, Any], str, str]]
) -> None:
    await a_meter(client)

    for change, code, pointer in bad_events:
        reply = await client.post("/v1/usage-events", json=[an_event(), an_event() | change])

        assert reply.status_code == 422, reply.text
        said = reply.json()
        assert said["code"] == "usage_refused"
        assert [(one["code"], one["pointer"]) for one in said["errors"]] == [(code, pointer)]
    assert await used(client) == []


HOSTILE: list[tuple[bytes, dict[str, str], int, str]] = [
    (b'{"id": "1", "id": "2"}', {}, 422, "invalid_json"),
    (b'[{"data": {"tokens": NaN}}]', {}, 422, "invalid_json"),
    (b'[{"data": {"tokens": 1e400}}]', {}, 422, "invalid"),
    (b'{"id": "1\\u0000"}', {}, 422, "invalid"),
    (b'{"id": "4111 1111 1111 1111"}', {}, 422, "invalid"),
    (b"[" * 100_000, {}, 422, "invalid_json"),
    (b"{", {}, 422, "invalid_json"),
    (b'{"a": 1}, {"b": 2}\n', {"content-type": "application/x-ndjson"}, 422, "invalid_json"),
    (b"{}\n{\n", {"content-type": "application/x-ndjson"}, 422, "invalid_json"),
    (b"{}\n" * 10_001, {"content-type": "application/x-ndjson"}, 413, "body_too_large"),
    (b"[" + b"{}," * 1_000 + b"{}]", {}, 413, "body_too_large"),
    (b"x" * (5 * 1024 * 1024 + 1), {}, 413, "body_too_large"),
    (gzip.compress(b" " * (21 * 1024 * 1024)), {"content-encoding": "gzip"}, 413, "body_too_large"),
    (gzip.compress(b"{}")[:-3], {"content-encoding": "gzip"}, 422, "invalid"),
    (b"{}", {"content-encoding": "gzip"}, 422, "invalid"),
    (b"{}", {"content-encoding": "br"}, 422, "unsupported_media_type"),
    (b"{}", {"content-type": "text/plain"}, 422, "unsupported_media_type"),
]


async def test_hostile_bodies_are_refused(client: httpx.AsyncClient) -> None:
    for content, headers, status, code in HOSTILE:
        reply = await client.post(
            "/v1/usage-events", content=content, headers={"content-type": "application/json"} | headers
        )

        assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text


async def test_in_part_the_good_ones_are_taken_and_the_others_can_be_looked_at(
    client: httpx.AsyncClient,
) -> None:
    await a_meter(client)
    bad = an_event("many")

    said = await told(client, [an_event(1), bad, an_event(2, type="other")], partial="true")

    assert said["counted"] == 1
    assert [(one["code"], one["pointer"]) for one in said["rejected"]] == [
        ("value_not_a_number", "/1/data/tokens"),
        ("no_meter", "/2/type"),
    ]
    kept = (await client.get("/v1/usage-rejections", params={"code": "value_not_a_number"})).json()["data"]
    assert [json.loads(one["event"])["id"] for one in kept] == [bad["id"]]
    assert await total(client) == 1


async def test_what_no_meter_counts_can_be_kept(client: httpx.AsyncClient) -> None:
    event = an_event("1.50", data={"n": 0.1})
    content = json.dumps(event).replace("0.1", "0.10000000000000000000000000001")
    headers = {"content-type": "application/cloudevents+json", "prefer": "wait=10"}

    await client.post("/v1/usage-events?unmatched=keep", content=content, headers=headers)

    (shown,) = (await client.get("/v1/usage-events", params={"subject": "acme"})).json()["data"]
    assert (shown["id"], shown["data"]["tokens"]) == (event["id"], "1.50")
    found = (await client.get("/v1/usage-events", params={"subject": "acme"})).text
    assert '"n": 0.10000000000000000000000000001' in found


async def test_filters_clamps_and_scales_make_the_quantity(client: httpx.AsyncClient) -> None:
    fields = {"filter": {"$.region": ["eu", "uk"]}, "clamp_minimum": "15", "scale": "1000", "rounding": "up"}
    await a_meter(client, **fields)
    values = [("5", "eu"), ("100", "uk"), ("12", "eu")]

    await told(
        client, [an_event(value, data={"tokens": value, "region": region}) for value, region in values]
    )
    refused = await client.post("/v1/usage-events", json=an_event(data={"region": "us"}))

    (row,) = await used(client)
    assert (row["value"], row["quantity"], row["events"]) == ("130", "1", 3)
    assert refused.json()["errors"][0]["code"] == "no_meter"


async def test_what_was_used_before_a_meter_counts_is_refused(client: httpx.AsyncClient) -> None:
    await a_meter(client, counts_from=None)

    reply = await client.post("/v1/usage-events", json=an_event(at=datetime.now(UTC) - timedelta(hours=1)))

    assert reply.json()["errors"][0]["code"] == "no_meter"
    assert (await told(client, an_event(at=datetime.now(UTC) + timedelta(seconds=1))))["counted"] == 1


# Three days ago: what the longest stretch reaches is past at any time of the day.
DAY = (HOUR - timedelta(days=3)).replace(hour=0)
AGGREGATIONS = ["count", "sum", "max", "min", "latest", "unique_count"]
# Minutes after ten o'clock, who, and how much.
VECTOR = [(5, "u1", 3), (50, "u2", 7), (70, "u1", 5), (150, "u3", 2), (70, "u1", 4)]
VALUES = {"count": "5", "sum": "21", "max": "7", "min": "2", "latest": "2", "unique_count": "3"}


async def _meters_of_each_aggregation(client: httpx.AsyncClient) -> None:
    for aggregation in AGGREGATIONS:
        value = "$.user" if aggregation == "unique_count" else "$.n"
        await a_meter(client, key=aggregation, aggregation=aggregation, value=value, dimensions=["user"])


def _at(minutes: float) -> datetime:
    return DAY.replace(hour=10) + timedelta(minutes=minutes)


async def test_every_aggregation_is_that_of_the_vector(client: httpx.AsyncClient) -> None:
    await _meters_of_each_aggregation(client)

    events = [an_event(at=_at(minutes), data={"user": user, "n": n}) for minutes, user, n in VECTOR]
    random.shuffle(events)
    await told(client, events)

    for aggregation, value in VALUES.items():
        assert str(await total(client, aggregation)) == value, aggregation


async def test_a_stretch_is_cut_to_the_microsecond_and_its_parts_make_the_whole(
    client: httpx.AsyncClient,
) -> None:
    await _meters_of_each_aggregation(client)
    random.seed(7)
    known = [(random.uniform(-700, 2_200), random.choice("abcde"), random.randint(0, 50)) for _ in range(120)]
    await told(client, [an_event(at=_at(at), data={"user": user, "n": n}) for at, user, n in known])

    for _ in range(12):
        start, end = sorted(random.uniform(-800, 2_300) for _ in range(2))
        inside = sorted((at, user, n) for at, user, n in known if _at(start) <= _at(at) < _at(end))
        expected = {
            "count": len(inside),
            "sum": sum(n for *_, n in inside),
            "max": max((n for *_, n in inside), default=0),
            "min": min((n for *_, n in inside), default=0),
            "latest": inside[-1][2] if inside else 0,
            "unique_count": len({user for _, user, _ in inside}),
        }
        span = {"from": _at(start).isoformat(), "before": _at(end).isoformat()}
        found = {name: await total(client, name, **span) for name in AGGREGATIONS}
        assert found == expected, span


async def test_usage_is_told_apart_by_time_dimensions_and_subject(client: httpx.AsyncClient) -> None:
    await a_meter(client, dimensions=["model", "region"])
    for minutes, subject, model, region in [
        (0, "acme", "m1", "eu"),
        (70, "acme", "m2", "eu"),
        (75, "beta", "m1", "us"),
    ]:
        data = {"tokens": 1, "model": model, "region": region}
        await told(client, an_event(at=_at(minutes), subject=subject, data=data))
    whole = {"from": DAY.isoformat(), "before": (DAY + timedelta(days=1)).isoformat()}

    hours = await used(client, grain="hour", **whole)
    models = await used(client, group_by="model", **whole)
    subjects = await used(client, group_by="subject,region", subject=[], **whole)
    table = await client.get(
        "/v1/meters/tokens/usage", params=whole | {"group_by": "subject"}, headers={"accept": "text/csv"}
    )

    assert [row["from_at"] for row in hours] == [_text(_at(0)), _text(_at(60))]
    assert [(row["group"], row["value"]) for row in models] == [
        ({"model": "m1"}, "1"),
        ({"model": "m2"}, "1"),
    ]
    assert [(row["subject"], row["group"]["region"], row["value"]) for row in subjects] == [
        ("acme", "eu", "2"),
        ("beta", "us", "1"),
    ]
    lines = table.text.splitlines()
    assert lines[0] == "from_at,until_at,subject,value,quantity,events"
    assert [line.split(",")[2:] for line in lines[1:]] == [["acme", "2", "2", "2"], ["beta", "1", "1", "1"]]


@pytest.mark.parametrize(
    "query, field",
    [
        ({"from": "2026-06-11T10:30:00Z", "before": "2026-06-11T12:00:00Z"}, "/from"),
        ({"from": "2026-06-11T12:00:00Z", "before": "2026-06-11T12:00:00Z"}, "/before"),
        ({"from": "2020-06-11T12:00:00Z", "before": "2026-06-11T12:00:00Z", "grain": "hour"}, "/grain"),
        ({"from": "2026-06-11T10:00:00Z", "before": "2026-06-11T12:00:00Z", "group_by": "color"}, "group_by"),
    ],
)
async def test_what_cannot_be_summed_is_refused(
    client: httpx.AsyncClient, query: dict[str, str], field: str
) -> None:
    await a_meter(client)

    reply = await client.get("/v1/meters/tokens/usage", params=query)

    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, field)


async def test_all_usage_is_exported(client: httpx.AsyncClient) -> None:
    await a_meter(client)
    await told(client, [an_event(7, at=_at(1), subject="=1+1"), an_event(5, at=_at(2), subject="acme")])
    span = {"from": DAY.isoformat(), "before": (DAY + timedelta(days=1)).isoformat()}

    hours = await client.get("/v1/usage/export", params=span)
    events = await client.get("/v1/usage/export", params=span | {"grain": "event", "gzip": "true"})

    assert [line.split(",")[2] for line in hours.text.splitlines()[1:]] == ["'=1+1", "acme"]
    unzipped = gzip.decompress(events.content).decode().splitlines()
    assert [line.split(",")[:3] for line in unzipped[1:]] == [
        [_text(_at(1)), "api.request", "'=1+1"],
        [_text(_at(2)), "api.request", "acme"],
    ]


async def test_events_are_looked_at_page_by_page(client: httpx.AsyncClient) -> None:
    await a_meter(client)
    events = [an_event(n, at=datetime.now(UTC) - timedelta(minutes=n // 2)) for n in range(5)]
    await told(client, events)

    seen, cursor = [], None
    for _ in range(3):
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/usage-events", params=query)).json()
        seen += [one["id"] for one in page["data"]]
        cursor = page["meta"]["next_cursor"]

    assert cursor is None
    assert sorted(seen) == sorted(one["id"] for one in events)
    assert (await client.get("/v1/usage-events", params={"cursor": "eA"})).status_code == 422


async def test_events_are_taken_back_once_and_their_ids_stay_used(client: httpx.AsyncClient) -> None:
    await _meters_of_each_aggregation(client)
    events = [an_event(at=_at(minutes), data={"user": user, "n": n}) for minutes, user, n in VECTOR]
    await told(client, events)
    names = [{name: event[name] for name in ("source", "id", "time")} for event in (events[1], events[3])]

    first = (await client.post("/v1/usage-events/void", json={"events": names})).json()
    again = (
        await client.post("/v1/usage-events/void", json={"events": [*names, names[0] | {"id": "?"}]})
    ).json()
    repeated = await told(client, events)

    assert (first["voided"], first["repeated"], first["unknown"]) == (2, 0, [])
    assert (again["voided"], again["repeated"], [one["id"] for one in again["unknown"]]) == (0, 2, ["?"])
    assert (repeated["counted"], repeated["repeated"]) == (0, 5)
    left = {"count": "3", "sum": "12", "max": "5", "min": "3", "unique_count": "1"}
    for aggregation, value in left.items():
        assert str(await total(client, aggregation)) == value, aggregation
    everything = {"source": events[0]["source"], "time": events[0]["time"]}
    rest = [everything | {"id": events[n]["id"], "time": events[n]["time"]} for n in (0, 2, 4)]
    await client.post("/v1/usage-events/void", json={"events": rest})
    assert [await used(client, aggregation) for aggregation in VALUES] == [[]] * len(VALUES)


async def test_an_archived_meter_keeps_what_it_counted_and_counts_no_more(client: httpx.AsyncClient) -> None:
    await a_meter(client)
    await a_meter(client, key="other", aggregation="count")
    before, after = an_event(7, at=_at(1.5)), an_event(100, at=_at(1.6))
    await told(client, before)

    archived = await client.patch("/v1/meters/tokens", json={"archived": True})
    await told(client, after)

    assert archived.json()["archived_at"] is not None
    assert (await client.patch("/v1/meters/tokens", json={"name": "x"})).json()["code"] == "meter_archived"
    # A cut hour is read from the events themselves, and must not count what came later.
    cut = {"from": _at(1).isoformat(), "before": _at(2).isoformat()}
    assert (await total(client), await total(client, **cut), await total(client, "other", **cut)) == (7, 7, 2)
    await client.post(
        "/v1/usage-events/void", json={"events": [{k: after[k] for k in ("source", "id", "time")}]}
    )
    assert (await total(client), await total(client, "other")) == (7, 1)


async def test_nothing_is_seen_from_another_workspace(
    client: httpx.AsyncClient, service: RunningService, a_principal: Callable[..., Principal]
) -> None:
    await a_meter(client)
    event = an_event(5)
    await told(client, event)

    async with service.client(a_principal()) as stranger:
        assert (await stranger.get("/v1/meters/tokens")).status_code == 404
        assert (await stranger.get("/v1/usage-events")).json()["data"] == []
        await a_meter(stranger)
        assert await used(stranger) == []
        names = {"events": [{name: event[name] for name in ("source", "id", "time")}]}
        assert len((await stranger.post("/v1/usage-events/void", json=names)).json()["unknown"]) == 1
        # The same source and id are another event there.
        assert (await told(stranger, event | {"data": {"tokens": 1}}))["counted"] == 1

    assert await total(client) == 5


async def test_scopes_part_meters_usage_and_reading(
    service: RunningService, a_principal: Callable[..., Principal]
) -> None:
    async with service.client(a_principal(scopes=frozenset({"usage:write", "meters:read"}))) as teller:
        assert (await teller.post("/v1/meters", json={})).status_code == 403
        assert (await teller.get("/v1/usage-events")).status_code == 403
        assert (await teller.get("/v1/meters")).status_code == 200
        assert (await teller.post("/v1/usage-events", json=an_event())).status_code == 422


async def test_four_writers_of_the_same_shuffled_events_count_each_once_without_deadlock(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    await _meters_of_each_aggregation(client)
    users = "abcdefgh"
    events = [an_event(at=_at(n % 600), data={"user": users[n % 8], "n": 1}) for n in range(1_000)]

    async def write(seed: int) -> int:
        mine = events.copy()
        random.Random(seed).shuffle(mine)
        parts = [mine[start : start + 250] for start in range(0, len(mine), 250)]
        return sum([(await told(client, part))["counted"] for part in parts])

    counted = await asyncio.gather(*(write(seed) for seed in range(4)))

    assert sum(counted) == 1_000
    assert (await total(client, "sum"), await total(client, "count")) == (1_000, 1_000)
    async with service.parts.worker.transaction() as tx:
        deadlocks = await tx.fetchval(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
    assert deadlocks == 0


async def test_taking_back_and_counting_at_once_agree_in_the_end(client: httpx.AsyncClient) -> None:
    await _meters_of_each_aggregation(client)
    random.seed(11)
    events = [an_event(at=_at(n % 50), data={"user": "a", "n": n}) for n in range(120)]
    early, late = events[:60], events[60:]
    await told(client, early)
    names = [{name: event[name] for name in ("source", "id", "time")} for event in early[::2]]

    async def void(part: list[dict[str, Any]]) -> None:
        reply = await client.post("/v1/usage-events/void", json={"events": part})
        assert reply.json()["voided"] == len(part), reply.text

    await asyncio.gather(
        *(void(names[start : start + 10]) for start in range(0, 30, 10)),
        *(told(client, late[start : start + 10]) for start in range(0, 60, 10)),
    )

    left = [n for n in range(120) if n >= 60 or n % 2]
    assert await total(client, "count") == len(left)
    assert await total(client, "sum") == sum(left)
    assert await total(client, "min") == min(left)


async def test_partitions_are_made_ahead_and_dropped_when_outlived(service: RunningService) -> None:
    async with service.parts.worker.transaction() as tx:
        ahead = await tx.fetchval("SELECT make_usage_partitions(9)")

    has_more = await keep_usage(service.parts.worker, 65, 30)

    assert ahead == 9
    assert not has_more


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
