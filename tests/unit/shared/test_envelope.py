"""Envelopes: the bytes of `data` as they were published, whoever wrote the record and whatever it says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import envelope
from shared.events.event import UnknownVersion, decode, require_known_version
from shared.kernel.ids import new_id
from tests.integration.shared.topic import a_contact_event

DATA = (
    '{"rate":1.10,"big":12345678901234567890,"small":1E-7,"text":"\\u00e9,\\"data\\":{","later":[{"x":null}]}'
)
HEAD = {
    "specversion": "1.0",
    "id": str(new_id()),
    "type": "shipment.packed",
    "subject": str(new_id()),
    "time": "2026-04-11T09:00:00Z",
    "workspaceid": str(new_id()),
    "sequence": "3",
    "later": "an attribute of tomorrow",
}


def a_record(data: str = DATA, **changes: Any) -> bytes:
    return json.dumps({**HEAD, **changes}, separators=(",", ":"))[:-1].encode() + f',"data":{data}}}'.encode()


def written_otherwise() -> dict[str, bytes]:
    first, *rest = json.dumps(HEAD).split(", ", 1)
    inner = json.dumps({**HEAD, "context": {"a": 1, "data": {"not": "this"}}}, separators=(",", ":"))[1:-1]
    return {
        "as we write it": a_record(),
        "with spaces": a_record().replace(b',"data":', b' ,\n\t"data" : ').replace(b"]}}", b"]} }\n"),
        "data first": f'{{"data":{DATA},{json.dumps(HEAD)[1:]}'.encode(),
        "data in the middle": f'{first}, "data": {DATA}, {rest[0]}'.encode(),
        "another data within": f'{{{inner},"data":{DATA}}}'.encode(),
    }


@pytest.mark.parametrize("way", written_otherwise())
def test_data_stays_as_it_was_published(way: str) -> None:
    found = envelope.read(None, written_otherwise()[way])

    assert found.data == DATA.encode()
    assert (found.type, found.sequence, found.step, found.version) == ("shipment.packed", 3, 0, 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "a", "é"]), inner),
)


@given(st.dictionaries(st.sampled_from(["data", "x", '"', ',"data":']), JSON), st.booleans())
def test_any_object_comes_back_byte_for_byte(data: dict[str, Any], is_ascii: bool) -> None:
    text = json.dumps(data, ensure_ascii=is_ascii)

    assert envelope.read(None, a_record(text)).data == text.encode()


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"[" * 100_000,
        a_record("null"),
        a_record("[]"),
        a_record('{"x":NaN}'),
        a_record('{"x":1}}'),
        a_record("{'x':1}"),
        a_record('{"x":1},"subject":"me"'),
        a_record(id="7"),
        a_record(workspaceid=None),
        a_record(sequence="x"),
        a_record(time="2026-04-11T09:00:00"),
        a_record(type=None),
        a_record()[:-1],
        b"\xff" + a_record(),
        a_record('{"x":"~"}').replace(b"~", b"\xff"),
        a_record('{"x":"\\ud800"}'),
        a_record('{"x":01}'),
        a_record(step=-1),
        a_record(sequence="-"),
        a_record(time="9999-12-31T23:59:59-23:00"),
    ],
)
def test_what_is_no_event_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        envelope.read(None, value)


@pytest.mark.parametrize("way", written_otherwise())
def test_the_quick_way_and_the_careful_one_read_the_same(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = envelope.read(None, written_otherwise()[way])
    monkeypatch.setattr(envelope, "_read_plain", lambda type_, value: None)

    assert envelope.read(None, written_otherwise()[way]) == quick


@pytest.mark.parametrize(
    "changes", [{"sequence": 3}, {"sequence": 3.0}, {"time": "2026-04-11 11:00:00+02:00"}]
)
def test_what_another_program_writes_in_its_own_way_is_read(changes: dict[str, Any]) -> None:
    assert envelope.read(None, a_record(**changes)) == envelope.read(None, a_record())


def test_a_major_version_that_is_not_known_is_not_misread() -> None:
    event = a_contact_event()
    value = event.encode().replace(b"contact.created:v1", b"contact.created:v2")

    with pytest.raises(UnknownVersion, match=r"contact\.created:v2"):
        decode(event.type, value)
    with pytest.raises(UnknownVersion):
        require_known_version(envelope.read(event.type, value))


def test_a_type_of_tomorrow_may_have_any_version() -> None:
    require_known_version(envelope.read(None, a_record(dataschema="urn:billing:event:shipment.packed:v7")))
