"""Any request that a service's OpenAPI document allows, and many it does not: never a 5xx, never a reply that
the document does not describe.

`HYPOTHESIS_PROFILE=soak` sends a hundred times as many.
"""

import asyncio
import importlib
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.invoice import main as invoice_main
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import a_contact, an_invoice

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
IS_SOAK = settings.default.max_examples > 100
EXAMPLES = 2_000 if IS_SOAK else 20
Ids = Mapping[str, list[str]]


async def of_invoice(client: httpx.AsyncClient) -> Ids:
    """Some of everything that the invoice service keeps, by the names that routes have for their ids."""
    line = {"description": "Work", "unit_price": "10.00"}
    contacts = [(await a_contact(client, country="NL"))["id"] for _ in range(3)]
    product = {"name": "Licence", "unit_price": "89.00", "currency": "EUR", "tax_rate": "21"}
    products = [
        (await client.post("/v1/products", json=product | {"tax_behavior": "inclusive"})).json()
        for _ in range(2)
    ]
    drafts = [await an_invoice(client, contact_id=contacts[0], status="draft") for _ in range(3)]
    issued = [await an_invoice(client, contact_id=contacts[0]) for _ in range(3)]
    quote = {"contact_id": contacts[0], "lines": [line]}
    quotes = [(await client.post("/v1/quotes", json=quote)).json() for _ in range(3)]
    return {
        "contact_id": contacts,
        "product_id": [one["id"] for one in products],
        "invoice_id": [one["id"] for one in (*drafts, *issued)],
        "line_id": [row["id"] for one in (drafts[0], issued[0]) for row in one["lines"]],
        "quote_id": [one["id"] for one in quotes],
    }


SERVICES = ("invoice", "payment", "subscription_renewal", "webhook_delivery")


@pytest.mark.parametrize("package", SERVICES)
async def test_every_request_is_answered_as_the_document_says(
    package: str, start_service: Any, a_principal: Any
) -> None:
    principal = a_principal()
    invoice = await start_service(invoice_main.make, "invoice", role="api")
    async with invoice.client(principal) as client:
        ids = await of_invoice(client)
    service = invoice
    if package != "invoice":
        make = importlib.import_module(f"services.{package}.main").make
        service = await start_service(make, package, role="api", INVOICE_URL=invoice.url)

    faults = await asyncio.to_thread(_fuzzed, service, principal, ids)

    assert not faults, "\n\n".join(faults)


def _fuzzed(service: RunningService, principal: Any, ids: Ids) -> list[str]:
    schema = schemathesis.openapi.from_url(f"{service.url}/openapi.json")
    faults = []
    with requests.Session() as session:
        for found in schema.get_all_operations():
            operation = found.ok()
            # A token lasts a minute.
            session.headers["authorization"] = f"Bearer {service.tokens.sign(principal)}"
            try:
                _fuzz(operation, session, service.url, ids)
            except FailureGroup as group:
                faults += [f"{operation.label}: {one.title}\n{one.message}" for one in group.exceptions]
    return faults


def _fuzz(operation: Any, session: requests.Session, url: str, ids: Ids) -> None:
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not IS_SOAK,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, st.integers(0, 5))
    def check(case: Any, choice: int) -> None:
        _name_what_is_there(case, ids, choice)
        case.call_and_validate(base_url=url, session=session, checks=CHECKS)

    check()


def _name_what_is_there(case: Any, ids: Ids, choice: int) -> None:
    """Put ids of what there is into five of six requests: the others ask for what nobody has."""
    if choice == 0:
        return
    for place in (case.path_parameters, case.query, case.body):
        _replace(place, ids, choice)


def _replace(place: Any, ids: Ids, choice: int) -> None:
    if isinstance(place, list):
        for item in place:
            _replace(item, ids, choice)
    if not isinstance(place, dict):
        return
    for name, value in place.items():
        if name in ids and value is not None:
            place[name] = ids[name][choice % len(ids[name])]
        else:
            _replace(value, ids, choice)
