"""Every event class: what is encoded is what is decoded, and it follows its schema."""

import functools
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import BaseModel, TypeAdapter, ValidationError

from deploy.schemas import events as schemas
from shared.events.event import Event, Unknown, data_class, decode
from shared.events.fields import DecimalText, Instant
from shared.events.registry import EVENTS, TOPICS

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
PLAIN = {
    str: TEXT,
    int: st.integers(-(10**15), 10**15),
    bool: st.booleans(),
    UUID: st.uuids(),
    datetime: INSTANTS,
    Decimal: st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=6),
}
# Classes of one resource share their data: few examples of each are enough.
FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
for kind, strategy in PLAIN.items():
    st.register_type_strategy(kind, strategy)


@functools.cache
def snapshots(event: type[Event]) -> st.SearchStrategy[BaseModel]:
    return st.builds(data_class(event), version=st.integers(1, 2**53))


@functools.cache
def validator(event: type[Event]) -> Draft202012Validator:
    return Draft202012Validator(schemas.schema(event), format_checker=FormatChecker())


@pytest.mark.parametrize("type_", TOPICS)
@FEW
@given(st.data())
def test_an_event_survives_its_way_over_the_wire(type_: str, data: Any) -> None:
    event_class = EVENTS[type_]
    event = event_class.of(data.draw(st.uuids()), data.draw(snapshots(event_class)))

    assert decode(type_, event.encode()) == event


@pytest.mark.parametrize("type_", TOPICS)
@FEW
@given(st.data())
def test_an_event_on_the_wire_follows_its_schema(type_: str, data: Any) -> None:
    event_class = EVENTS[type_]
    event = event_class.of(data.draw(st.uuids()), data.draw(snapshots(event_class)))

    validator(event_class).validate(json.loads(event.encode(traceparent="00-1-2-01")))


@pytest.mark.parametrize("type_", TOPICS)
def test_an_event_class_names_itself(type_: str) -> None:
    event = EVENTS[type_]
    resource, _, verb = type_.partition(".")

    assert event.__name__.lower() == (resource + verb).replace("_", "")
    assert event.source.startswith("/")
    assert schemas.meaning(event).endswith(".")
    assert event.dataschema() == f"urn:billing:event:{type_}:v{event.schema_version}"


@given(st.uuids(), st.data())
def test_an_event_says_the_version_and_the_time_of_its_snapshot(workspace_id: UUID, data: Any) -> None:
    event_class = EVENTS["contact.created"]
    snapshot: Any = data.draw(snapshots(event_class))

    event = event_class.of(workspace_id, snapshot)

    assert (event.subject, event.sequence, event.time) == (snapshot.id, snapshot.version, snapshot.updated_at)
    assert event.workspace_id == workspace_id
    assert event.record_key == snapshot.id
    assert event.id.version == 7


def _contact(**changes: Any) -> bytes:
    said = {
        "specversion": "1.0",
        "id": "019637a6-3f4c-7000-8000-2f4c6b7d8e9f",
        "type": "contact.created",
        "subject": "019637a6-3f4c-7000-8000-2f4c6b7d8e90",
        "time": "2026-04-11T09:00:00Z",
        "workspaceid": "019637a6-3f4c-7000-8000-2f4c6b7d8e91",
        "sequence": "3",
        "data": {
            "id": "019637a6-3f4c-7000-8000-2f4c6b7d8e90",
            "version": 3,
            "created_at": "2026-04-11T09:00:00Z",
            "updated_at": "2026-04-11T09:00:00Z",
            "name": "Acme",
        },
    }
    return json.dumps(said | changes).encode()


def test_unknown_fields_are_passed_over() -> None:
    event = decode("contact.created", _contact(later="field"))

    assert event.data.name == "Acme"


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "7"},
        {"id": None},
        {"data": None},
        {"data": {}},
        {"sequence": "x"},
        {"time": "2026-04-11T09:00:00"},
    ],
)
def test_a_record_that_is_no_event_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        decode("contact.created", _contact(**changes))


@pytest.mark.parametrize("value", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'"text"', b"[" * 100_000])
def test_bytes_that_are_no_event_are_refused(value: bytes) -> None:
    with pytest.raises(ValidationError):
        decode("contact.created", value)


def test_a_type_that_is_not_ours_is_refused() -> None:
    with pytest.raises(Unknown, match=r"contact\.forgotten"):
        decode("contact.forgotten", _contact())


@pytest.mark.parametrize(
    "value, text",
    [
        ("89.50", "89.5"),
        ("1E+3", "1000"),
        ("-0.10", "-0.1"),
        ("1E-12", "0.000000000001"),
        ("21", "21"),
        ("0.00", "0"),
    ],
)
def test_a_decimal_travels_as_plain_text(value: str, text: str) -> None:
    adapter: TypeAdapter[Decimal] = TypeAdapter(DecimalText)

    assert adapter.dump_json(Decimal(value)) == f'"{text}"'.encode()


def test_an_instant_is_kept_in_utc_and_needs_an_offset() -> None:
    adapter: TypeAdapter[datetime] = TypeAdapter(Instant)
    amsterdam = datetime(2026, 4, 11, 11, tzinfo=timezone(timedelta(hours=2)))

    assert adapter.validate_python(amsterdam).isoformat() == "2026-04-11T09:00:00+00:00"
    with pytest.raises(ValidationError, match="needs an offset"):
        adapter.validate_json('"2026-04-11T09:00:00"')
