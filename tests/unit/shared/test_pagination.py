"""Lists: cursors that come back as they were given, and those that were made up are refused."""

import base64
import contextlib
import json
from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.pagination import Slice, decode_cursor, encode_cursor
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id


@dataclass
class Row:
    id: UUID


def a_slice(limit: int = 2) -> Slice:
    return Slice(limit=limit, offset=0, after=None, wants_total=False)


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(st.uuids())
def test_a_cursor_survives_its_way_out_and_back(after: UUID) -> None:
    cursor = encode_cursor(after)

    assert decode_cursor(cursor) == after
    assert len(cursor) < 200
    assert "=" not in cursor


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "rubbish",
        "é",
        "====",
        _encoded("text"),
        _encoded([1]),
        _encoded(None),
        _encoded({}),
        _encoded({"after": None}),
        _encoded({"after": 7}),
        _encoded({"after": ["a"]}),
        _encoded({"after": "not-an-id"}),
        encode_cursor(UUID(int=1))[:-4],
        "%00",
        "[" * 190,
    ],
)
def test_a_cursor_that_is_not_ours_is_refused_by_name(cursor: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode_cursor(cursor)

    assert [error.pointer for error in caught.value.errors] == ["/cursor"]


@given(st.text(max_size=200))
def test_no_cursor_makes_anything_but_an_id_or_a_refusal(cursor: str) -> None:
    with contextlib.suppress(Invalid):
        assert isinstance(decode_cursor(cursor), UUID)


@pytest.mark.parametrize(
    "count, shown, has_more", [(0, 0, False), (1, 1, False), (2, 2, False), (3, 2, True)]
)
def test_a_page_has_a_cursor_when_there_is_more(count: int, shown: int, has_more: bool) -> None:
    rows = [Row(new_id()) for _ in range(count)]

    page = a_slice(limit=2).page(rows)

    assert page.data == rows[:shown]
    assert page.meta.limit == 2
    assert (page.meta.next_cursor is not None) == has_more
    if has_more:
        assert decode_cursor(page.meta.next_cursor) == rows[1].id


def test_a_page_takes_the_id_from_where_it_is_told() -> None:
    ids = [new_id() for _ in range(3)]

    page = a_slice().page([{"key": one} for one in ids], total=3, id_of=lambda row: row["key"])

    assert decode_cursor(page.meta.next_cursor) == ids[1]
    assert page.meta.total == 3
