"""Edits: which fields of something are to change, and to what; None is a value like others."""

from collections.abc import Collection
from dataclasses import fields, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    D = TypeVar("D", bound=DataclassInstance)
    E = TypeVar("E", bound=DataclassInstance)
else:
    D, E = TypeVar("D"), TypeVar("E")
T = TypeVar("T")


class Unset(Enum):
    """The type of UNSET."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset.UNSET
"""Not given: stays as it is. A field of an edit is `str | Unset | None = UNSET`."""


def chosen(given: T | Unset, now: T) -> T:
    """What was given, or else what is so now."""
    return now if isinstance(given, Unset) else given


def given(edit: "DataclassInstance") -> dict[str, Any]:
    """The fields of an edit that were given, by their names."""
    values = ((field.name, getattr(edit, field.name)) for field in fields(edit))
    return {name: value for name, value in values if value is not UNSET}


def applied(edit: "DataclassInstance", to: D) -> D:
    """The value with the edit's fields, of the same names, in place of its own; itself for an empty edit."""
    changes = given(edit)
    return replace(to, **changes) if changes else to


def edit_of(kind: type[E], body: BaseModel, *, but: Collection[str] = (), **instead: object) -> E:
    """The edit that a PATCH's body names: its fields that were given, by their names.

    `but` are fields of the body that are no part of it, `instead` values in place of the body's, or besides.
    Raises TypeError for a field that the edit does not have.
    """
    named = {name: getattr(body, name) for name in body.model_fields_set - {*but, *instead}}
    return kind(**named, **instead)
