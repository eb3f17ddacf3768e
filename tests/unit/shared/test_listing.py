"""Filters and named parameters: what they become, and the faults of those who declare them."""

from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from shared.kernel.ids import new_id
from shared.postgres.listing import Listing, Window, conditions, in_order, where, where_by
from shared.postgres.named import Statement, compile_statement, merge_values, places


def anywhere(text: str) -> str:
    """A pattern for ILIKE that finds the text anywhere, its own wildcards taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    today: str
    status: Annotated[str | None, where("status = :status")] = None
    late: Annotated[bool | None, where("due < :today OR late = :late")] = None
    q: Annotated[str | None, where("name ILIKE :q OR number = :exact", q=anywhere, exact=str.upper)] = None


LIST = Listing(Filter, "bill", "id, name", key="bill.id")


@pytest.mark.parametrize(
    ("wanted", "sql", "values"),
    [
        (Filter(today="now"), "true", {}),
        (Filter(today="now", status="open"), "(status = :status)", {"status": "open"}),
        (
            Filter(today="now", status="", late=False),
            "(status = :status) AND (due < :today OR late = :late)",
            {"status": "", "today": "now", "late": False},
        ),
        (
            Filter(today="now", q="5%"),
            "(name ILIKE :q OR number = :exact)",
            {"q": "%5\\%%", "exact": "5%"},
        ),
    ],
)
def test_only_the_filters_that_are_given_become_conditions(
    wanted: Filter, sql: str, values: dict[str, object]
) -> None:
    found = conditions(wanted)

    assert (str(found), found.values) == (sql, values)


def test_a_list_is_of_its_workspace_whatever_is_asked_for() -> None:
    workspace_id = new_id()

    assert str(LIST.where(workspace_id, Filter(today="now"))) == "workspace_id = :workspace_id"
    narrowed = LIST.where(workspace_id, Filter(today="now", status="open"))
    assert str(narrowed) == "workspace_id = :workspace_id AND (status = :status)"
    assert narrowed.values == {"workspace_id": workspace_id, "status": "open"}
    assert str(LIST.where(None, Filter(today="now"))) == "true"


def test_a_page_begins_behind_its_cursor() -> None:
    after = new_id()

    first, later = LIST.part(Window(limit=3)), LIST.part(Window(after, 3, 6))

    assert str(first) == " ORDER BY bill.id DESC LIMIT :limit OFFSET :offset"
    assert str(later) == f" AND bill.id < :after{first}"
    assert later.values == {"after": after, "limit": 3, "offset": 6}


@dataclass(frozen=True)
class OfWorkspace:
    name: Annotated[str | None, where("id IN (SELECT id FROM p WHERE workspace_id = :workspace_id)")] = None


def test_a_condition_may_name_the_workspace_of_the_list() -> None:
    workspace_id = new_id()

    found = Listing(OfWorkspace, "bill", "id").where(workspace_id, OfWorkspace(name="Acme"))

    assert str(found).count(":workspace_id") == 2
    assert found.values == {"workspace_id": workspace_id}


@dataclass(frozen=True)
class Unread:
    status: str | None = None


@dataclass(frozen=True)
class Misspelt:
    status: Annotated[str | None, where("status = :statsu")] = None


@dataclass(frozen=True)
class MadeForNothing:
    q: Annotated[str | None, where("name = :q", pattern=anywhere)] = None


@dataclass(frozen=True)
class TakesTheCursor:
    after: Annotated[str | None, where("name > :after")] = None


class Plain:
    pass


@pytest.mark.parametrize(
    ("filters", "fault"),
    [
        (Unread, "no condition of Unread reads status"),
        (Misspelt, "Misspelt has no field statsu"),
        (MadeForNothing, "MadeForNothing has no field pattern"),
        (TakesTheCursor, "takes the list's own after"),
        (Plain, "Plain is no dataclass"),
    ],
)
def test_a_filter_that_would_do_nothing_or_cannot_is_refused_where_it_is_declared(
    filters: type, fault: str
) -> None:
    with pytest.raises(TypeError, match=fault):
        Listing(filters, "bill", "id")


@pytest.mark.parametrize(
    ("text", "sql", "names"),
    [
        ("SELECT :a, :b, :a", "SELECT $1, $2, $1", ("a", "b")),
        ("SELECT :ids::uuid[], x::text", "SELECT $1::uuid[], x::text", ("ids",)),
        ("SELECT list[1:2], '12:30'", "SELECT list[1:2], '12:30'", ()),
        ("SELECT (:a)::date-:b", "SELECT ($1)::date-$2", ("a", "b")),
        ("VALUES (:a_b2,:a)", "VALUES ($1,$2)", ("a_b2", "a")),
    ],
)
def test_names_become_places(text: str, sql: str, names: tuple[str, ...]) -> None:
    statement = Statement(text)

    assert (statement.sql, statement.names) == (sql, names)


@dataclass
class Row:
    id: int
    name: str


STATEMENT = Statement("UPDATE bill SET name = :name, at = :at WHERE id = :id")


def test_values_come_from_keywords_and_else_from_the_record() -> None:
    assert STATEMENT.values(Row(1, "Acme"), at="now") == ["Acme", "now", 1]
    assert STATEMENT.values(Row(1, "Acme"), at="now", name="Other") == ["Other", "now", 1]
    assert STATEMENT.values(id=1, name=None, at=None) == [None, None, 1]
    assert STATEMENT.columns([Row(1, "a"), Row(2, "b")], at="now") == [["a", "b"], "now", [1, 2]]
    assert STATEMENT.columns([], at=()) == [[], (), []]


@pytest.mark.parametrize(
    ("record", "given", "fault"),
    [
        (Row(1, "Acme"), {}, "parameter at has no value"),
        (None, {"id": 1, "at": 1}, "parameter name has no value"),
        (Row(1, "Acme"), {"at": 1, "att": 1}, "no parameter att"),
    ],
)
def test_a_missing_or_unknown_value_is_an_error(record: object, given: dict[str, Any], fault: str) -> None:
    with pytest.raises(TypeError, match=fault):
        STATEMENT.values(record, **given)


def test_a_text_is_compiled_once() -> None:
    assert compile_statement("SELECT :a") is compile_statement("SELECT :a")
    assert places(["a", "b"]) == ":a, :b"


def test_parts_of_a_statement_do_not_overwrite_each_others_values() -> None:
    assert merge_values({"a": 1}, {"a": 1, "b": 2}) == {"a": 1, "b": 2}
    with pytest.raises(TypeError, match=":a"):
        merge_values({"a": 1}, {"a": 2})


@pytest.mark.parametrize(("text", "pattern"), [("", "%%"), ("a", "%a%"), ("5%_\\", "%5\\%\\_\\\\%")])
def test_a_pattern_takes_wildcards_literally(text: str, pattern: str) -> None:
    assert anywhere(text) == pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    is_sent: Annotated[bool | None, where_by({True: "sent IS NOT NULL", False: "sent IS NULL"})] = None
    word: Annotated[str | None, where("has(:word)", found_in="SELECT id FROM w WHERE word = :word")] = None
    contact: Annotated[str | None, in_order("contact = :contact")] = None


def test_a_filter_of_few_values_has_a_condition_for_each() -> None:
    assert [str(conditions(Many(is_sent=value))) for value in (True, False, None)] == [
        "(sent IS NOT NULL)",
        "(sent IS NULL)",
        "true",
    ]


def test_conditions_say_how_their_rows_are_found() -> None:
    plain, indexed = conditions(Many(is_sent=True)), conditions(Many(is_sent=True, word="a", contact="b"))

    assert (plain.found_in, plain.is_in_order) == ("", False)
    assert (indexed.found_in, indexed.is_in_order) == ("SELECT id FROM w WHERE word = :word", True)
    assert indexed.values == {"word": "a", "contact": "b"}
