"""Lists: cursors that come back as they were given, and those that were made up are refused."""

import base64
import contextlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.dialects.common.fields import skip
from shared.http.pagination import Slice, requested_slice
from shared.kernel.cursors import decode_cursor, decode_place, encode_cursor, encode_offset
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.postgres.listing import Found, Total, Window


@dataclass
class Row:
    id: UUID


def a_slice(limit: int = 2) -> Slice:
    return Slice(limit=limit, offset=0, after=None)


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
        _encoded({"skip": -1}),
        _encoded({"skip": "7"}),
        _encoded({"skip": True}),
        _encoded({"skip": 10_000_001}),
        encode_cursor(UUID(int=1))[:-4],
        "%00",
        "[" * 190,
    ],
)
def test_a_cursor_that_is_not_ours_is_refused_by_name(cursor: str) -> None:
    for decode in (decode_cursor, decode_place):
        with pytest.raises(Invalid) as caught:
            decode(cursor)

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

    page = a_slice(limit=2).page(Found(rows), lambda row: row)

    assert page.data == rows[:shown]
    assert page.meta.limit == 2
    assert (page.meta.next_cursor is not None) == has_more
    if has_more:
        assert decode_cursor(page.meta.next_cursor) == rows[1].id


def test_a_page_takes_the_id_from_where_it_is_told_and_shows_rows_as_it_is_told() -> None:
    ids = [new_id() for _ in range(3)]
    found = Found([{"key": one} for one in ids], total=3, is_estimate=False)

    page = a_slice().page(found, lambda row: str(row["key"]), lambda row: row["key"])

    assert decode_cursor(page.meta.next_cursor or "") == ids[1]
    assert page.data == [str(one) for one in ids[:2]]
    assert (page.meta.total, page.meta.total_is_estimate) == (3, False)


def test_a_page_says_that_its_total_is_estimated_and_nothing_of_one_that_nobody_asked_for() -> None:
    estimated, none = (
        a_slice().page(Found([], 100_001, is_estimate=True), str),
        a_slice().page(Found([]), str),
    )

    assert (estimated.meta.total, estimated.meta.total_is_estimate) == (100_001, True)
    assert (none.meta.total, none.meta.total_is_estimate) == (None, None)


@pytest.mark.parametrize(
    "include, total", [(None, Total.NONE), ("total", Total.ESTIMATED), ("exact_total", Total.EXACT)]
)
async def test_a_slice_asks_for_what_the_query_includes(include: Any, total: Total) -> None:
    part = await requested_slice(limit=7, offset=10_000, cursor=None, include=include)

    assert part.window() == Window(after=None, limit=8, offset=10_000, total=total)


async def test_an_offset_beyond_ten_thousand_is_refused_with_the_way_to_go_on() -> None:
    with pytest.raises(Invalid) as caught:
        await requested_slice(limit=100, offset=10_001, cursor=None, include=None)

    assert [error.pointer for error in caught.value.errors] == ["/offset"]
    assert "`cursor`" in caught.value.errors[0].message


async def test_a_dialect_skips_any_number_of_rows() -> None:
    assert skip(10_000) == ("offset", 10_000)
    assert skip(10_001) == ("cursor", encode_offset(10_001))

    part = await requested_slice(limit=100, offset=0, cursor=str(skip(999_975)[1]), include=None)

    assert part.window() == Window(after=None, limit=101, offset=999_975)
