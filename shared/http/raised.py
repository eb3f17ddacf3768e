"""What a route may answer with: the errors raised by the functions that it can come to, read off their code.

Followed are calls of our own functions, of constructors, and of objects that modules hold; a call that only a
value's class would tell (`invoice.total()`) is not, so this is what is known to be possible, never a promise.
"""

import dis
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache, partial
from types import CellType, CodeType, FunctionType, MethodType, ModuleType

from shared.kernel.errors import BillingError

_OURS = ("services.", "shared.", "tests.unit.")
_INTO = ("LOAD_ATTR", "LOAD_METHOD")
_OF_A_MATCH = frozenset({"LOAD_GLOBAL", "LOAD_ATTR", "LOAD_METHOD", "BUILD_TUPLE", "PRECALL", "CACHE"})


@dataclass(slots=True)
class Reach:
    """The functions that were come to, and the errors that one of them names to raise it."""

    functions: set[FunctionType] = field(default_factory=set)
    errors: set[type[BillingError]] = field(default_factory=set)


def reach(*starts: Callable[..., object], without: Collection[Callable[..., object]] = ()) -> Reach:
    """What can be come to from these functions, other than by way of some."""
    found, waiting = Reach(), [one for start in starts for one in _functions_of(start)]
    while waiting:
        function = waiting.pop()
        if function in found.functions or function in without:
            continue
        found.functions.add(function)
        for thing in _things_of(function):
            if isinstance(thing, type) and issubclass(thing, BillingError):
                # The class of all errors is named to pass one on.
                found.errors |= {thing} - {BillingError}
            else:
                waiting += _functions_of(thing)
    return found


@cache
def _things_of(function: FunctionType) -> tuple[object, ...]:
    """What the function's code names, as far as modules know it."""
    cells = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
    annotated = {name: one for name, one in function.__annotations__.items() if isinstance(one, type)}
    return (*cells, *_named_by(function.__code__, function.__globals__, annotated))


def _named_by(code: CodeType, known: Mapping[str, object], annotated: dict[str, type]) -> Iterator[object]:
    instructions = [one for one in dis.get_instructions(code) if one.opname not in ("CACHE", "EXTENDED_ARG")]
    base: object = None
    for place, one in enumerate(instructions):
        if one.opname == "LOAD_GLOBAL":
            base = known.get(one.argval)
        elif one.opname.startswith("LOAD_FAST") and one.argval in annotated:
            base = annotated[one.argval]
        elif one.opname in _INTO and base is not None:
            base = inspect.getattr_static(base, one.argval, None)
        else:
            base = None
            continue
        if isinstance(base, ModuleType | None) or _is_matched(instructions, place):
            continue
        is_looked_into = place + 1 < len(instructions) and instructions[place + 1].opname in _INTO
        yield from _held_by(base) if is_looked_into and _is_object(base) else (base,)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _named_by(constant, known, annotated)


def _is_matched(instructions: list[dis.Instruction], place: int) -> bool:
    """Whether it stands in an `except`: that is no error that is raised."""
    later = (one.opname for one in instructions[place:] if one.opname not in _OF_A_MATCH)
    return next(later, "") == "CHECK_EXC_MATCH"


def _functions_of(thing: object) -> Iterator[FunctionType]:
    """The functions of ours that calling this thing, or something of it, runs."""
    if isinstance(thing, staticmethod | classmethod | MethodType):
        thing = thing.__func__
    if isinstance(thing, partial):
        yield from _functions_of(thing.func)
    elif isinstance(thing, FunctionType):
        thing = inspect.unwrap(thing)
        if isinstance(thing, FunctionType) and thing.__module__.startswith(_OURS):
            yield thing
    elif isinstance(thing, type):
        yield from _functions_of_class(thing, ("__init__", "__post_init__", "__aenter__", "__call__"))
    elif _is_object(thing):
        yield from _functions_of_class(type(thing), ("__call__",))


def _functions_of_class(owner: type, names: tuple[str, ...]) -> Iterator[FunctionType]:
    if owner.__module__.startswith(_OURS) and not issubclass(owner, BillingError):
        for name in names:
            member = inspect.getattr_static(owner, name, None)
            if isinstance(member, FunctionType | classmethod | staticmethod):
                yield from _functions_of(member)


def _held_by(thing: object) -> Iterator[object]:
    """The functions that an object of ours was given."""
    held = [getattr(thing, one.name, None) for one in fields(thing)] if is_dataclass(thing) else []
    yield from (one for one in held if isinstance(one, FunctionType | partial))


def _is_object(thing: object) -> bool:
    return type(thing).__module__.startswith(_OURS)


def _is_filled(cell: CellType) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
