"""Edits: what is not given stays, what is given as null becomes null."""

from dataclasses import dataclass

import pytest
from pydantic import BaseModel

from shared.http.fields import Body, optional
from shared.kernel.unset import UNSET, Unset, applied, chosen, edit_of, given


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    email: str | None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEdit:
    name: str | Unset = UNSET
    email: str | Unset | None = UNSET


class Changes(Body):
    name: str = optional()
    email: str | None = None


class Nested(BaseModel):
    name: str | None = None
    address: str | None = None


ACME = Contact("Acme", "a@acme.example")


@pytest.mark.parametrize(
    ("body", "edit", "after"),
    [
        ({}, ContactEdit(), ACME),
        ({"name": "Other"}, ContactEdit(name="Other"), Contact("Other", "a@acme.example")),
        ({"email": None}, ContactEdit(email=None), Contact("Acme", None)),
        ({"name": "", "email": ""}, ContactEdit(name="", email=""), Contact("", "")),
    ],
)
def test_an_edit_holds_what_the_body_names(
    body: dict[str, str | None], edit: ContactEdit, after: Contact
) -> None:
    made = edit_of(ContactEdit, Changes.model_validate(body))

    assert made == edit
    assert given(made) == body
    assert applied(made, to=ACME) == after
    assert chosen(made.email, ACME.email) == after.email


def test_an_empty_edit_gives_the_same_value_back() -> None:
    assert applied(ContactEdit(), to=ACME) is ACME


def test_a_field_that_no_edit_has_is_an_error() -> None:
    with pytest.raises(TypeError, match="address"):
        edit_of(ContactEdit, Nested(address="Main Street"))


def test_a_part_of_the_body_can_be_left_to_others() -> None:
    body = Nested(name="Other", address="Main Street")

    assert edit_of(ContactEdit, body, but={"address"}) == ContactEdit(name="Other")


def test_a_value_can_stand_in_for_the_bodys() -> None:
    body = Nested.model_validate({"name": "Other"})

    assert edit_of(ContactEdit, body, name="Upper", email="e") == ContactEdit(name="Upper", email="e")


def test_not_given_is_not_null() -> None:
    assert UNSET is not None
    assert not UNSET
    assert repr(UNSET) == "UNSET"
