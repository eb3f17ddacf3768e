"""The errors that a function can come to, read off its code."""

from shared.http.raised import reach
from shared.kernel import errors
from shared.kernel.errors import NotFound, Unavailable, raise_not_found


def _codes(*functions: object) -> set[str]:
    return {error.code for error in reach(*functions).errors}  # type: ignore[arg-type]


def _raise_by_module() -> None:
    raise errors.TooLarge


def _find() -> None:
    raise_not_found("thing", 1)


def _find_many() -> list[None]:
    return [_find() for _ in range(2)]


def _catch() -> None:
    try:
        _raise_by_module()
    except (NotFound, Unavailable):
        return
    except errors.Invalid:
        return


def test_errors_of_modules_calls_and_comprehensions_are_found() -> None:
    assert _codes(_raise_by_module) == {"body_too_large"}
    assert _codes(_find) == _codes(_find_many) == {"not_found"}


def test_what_is_caught_is_not_raised() -> None:
    assert _codes(_catch) == {"body_too_large"}


def test_a_way_can_be_left_out() -> None:
    assert reach(_find_many, without=(_find,)).errors == set()
