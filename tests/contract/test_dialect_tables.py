"""Every row of the tables in the documentation that a dialect follows: its endpoints and its fields.

`endpoints.txt` and `fields.txt` beside the golden files hold those tables as they are written there.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gateway.dialects.common.openapi import describe
from shared.events.registry import EVENTS
from tests.contract.test_dialects import DIALECTS, HERE

# Where a table says what is done without a method; PUT is as usual as PATCH for an edit, so both are there.
METHODS = {
    "Profil entreprise": ("GET",),
    "Mise à jour du profil": ("PATCH", "PUT"),
    "Liste": ("GET",),
    "Création": ("POST",),
    "Détail": ("GET",),
    "Édition": ("PATCH", "PUT"),
    "Archivage": ("DELETE",),
    "PDF": ("GET",),
    "Envoi": ("POST",),
    "Timeline": ("GET",),
}
_WITH_METHOD = re.compile(r"(GET|POST|PUT|PATCH|DELETE)[\s|]+(?:/api/v1)?(/[a-z/{}-]+)")
_WITHOUT = re.compile(r"/api/v1(/[a-z/{}-]+?)(?=[A-ZÉ])(.+)")
_FIELD = re.compile(r"\|?\s*([a-zA-Z_]+?)(\*|vereist)?\s*\|[^|]+\|")


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_has_every_endpoint_that_its_documentation_lists(name: str) -> None:
    dialect, _ = DIALECTS[name]

    documented = set(_endpoints((HERE / name / "endpoints.txt").read_text()))

    assert len(documented) >= 9
    assert {(operation.method, operation.path) for operation in dialect.operations} == documented


@pytest.mark.parametrize("name", ["fastfaktura", "facturering"])
def test_a_dialect_has_every_field_that_its_documentation_lists(name: str) -> None:
    schemas = describe(*DIALECTS[name])["components"]["schemas"]

    tables = list(_tables(HERE / name / "fields.txt"))
    assert any(mark for _, rows in tables for _, mark in rows)
    for names, rows in tables:
        assert rows, names
        models = [schemas[one] for one in names]
        known = {field for model in models for field in model["properties"]}
        needed = {field for model in models for field in model.get("required", ())}
        assert {field for field, _ in rows} - known == set(), names
        if models[0].get("required"):
            assert {field for field, mark in rows if mark} - needed == set(), names


def test_every_event_that_documentation_promises_is_published() -> None:
    promised = {
        f"{name}.{verb}" for name in ("contact", "product") for verb in ("created", "updated", "deleted")
    }
    promised |= {"invoice.updated", "quote.updated", "subscription.updated", "payment.created"}

    assert promised <= EVENTS.keys()


def _endpoints(text: str) -> Iterator[tuple[str, str]]:
    for method, path in _WITH_METHOD.findall(text):
        yield method, path if path != "/client-portal/" else "/client-portal/{external_id}"
    if not _WITH_METHOD.search(text):
        for path, description in _WITHOUT.findall(text):
            said = next(methods for start, methods in METHODS.items() if description.startswith(start))
            yield from ((method, path) for method in said)


def _tables(path: Path) -> Iterator[tuple[list[str], list[tuple[str, Any]]]]:
    """Each table: the models that it describes, and its fields with the mark of those that are needed."""
    for table in path.read_text().split("\n\n"):
        names, *rows = table.splitlines()
        shown = [row for row in rows if "Veld" not in row and "---" not in row]
        yield names.split(), [found.groups() for row in shown if (found := _FIELD.match(row))]
