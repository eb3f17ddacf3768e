"""Any request that an API's document allows, and many it does not: never a 5xx, never a reply that the
document does not describe. The canonical API is asked at the services, the dialects at the gateway.

`HYPOTHESIS_PROFILE=soak` sends fifty times as many.
"""

import asyncio
import importlib
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

from services.invoice import main as invoice_main
from services.payment import main as payment_main
from tests.integration.invoice.conftest import a_contact, an_invoice
from tests.integration.openapi.conftest import SERVICES, Platform

IS_SOAK = settings.default.max_examples > 100
EXAMPLES = 200 if IS_SOAK else 4
# Malformed, too large, of another type or method: never about what an operation does.
OF_HTTP = frozenset({400, 405, 406, 413, 414, 415})
# What dialects call what is there, and which of it a path of theirs is about.
OF_DIALECTS = {
    "customer_id": "contact_id",
    "client_id": "contact_id",
    "contact": "contact_id",
    "invoice": "invoice_id",
}
COLLECTIONS = {
    **dict.fromkeys(("contacts", "customers", "clients"), "contact_id"),
    "products": "product_id",
    "invoices": "invoice_id",
    "invoice-rows": "line_id",
    "quotes": "quote_id",
}
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


@pytest.mark.parametrize("package", SERVICES)
async def test_every_request_is_answered_as_the_document_says(
    package: str, start_service: Any, a_principal: Any
) -> None:
    principal = a_principal()
    payments = await start_service(payment_main.make, "payment", role="api", INVOICE_URL="http://127.0.0.1:9")
    invoice = await start_service(invoice_main.make, "invoice", role="api", PAYMENT_URL=payments.url)
    async with invoice.client(principal) as client:
        ids = await of_invoice(client)
    service = invoice
    if package != "invoice":
        make = importlib.import_module(f"services.{package}.main").make
        service = await start_service(
            make, package, role="api", INVOICE_URL=invoice.url, PAYMENT_URL=payments.url
        )

    def signed_in(session: requests.Session) -> None:
        # A token lasts a minute.
        session.headers["authorization"] = f"Bearer {service.tokens.sign(principal)}"

    faults = await asyncio.to_thread(_fuzzed, service.url, signed_in, lambda path: ids)

    assert not faults, "\n\n".join(faults)


async def test_every_request_in_a_dialect_is_answered_as_its_document_says(start_platform: Any) -> None:
    platform: Platform = await start_platform()
    async with platform.client() as client:
        ids = await of_invoice(client)

    def signed_in(session: requests.Session) -> None:
        session.headers["x-api-key"] = platform.key

    faults: list[str] = []
    for _, prefix in platform.gateway.app.state.dialects:
        url = platform.gateway.url + prefix
        faults += await asyncio.to_thread(_fuzzed, url, signed_in, lambda path: _in_dialect(ids, path))

    assert not faults, "\n\n".join(faults)


def _in_dialect(ids: Ids, path: str) -> Ids:
    """The same by the names that dialects have for them; `id` is of what the path is about."""
    named = {theirs: ids[ours] for theirs, ours in OF_DIALECTS.items()}
    collection = COLLECTIONS.get(path.split("/")[1])
    return {**ids, **named, **({"id": ids[collection]} if collection else {})}


def _fuzzed(url: str, sign_in: Callable[[requests.Session], None], ids: Callable[[str], Ids]) -> list[str]:
    faults = []
    with requests.Session() as session:
        sign_in(session)
        schema = schemathesis.openapi.from_url(f"{url}/openapi.json", headers=session.headers)
        for found in schema.get_all_operations():
            operation = found.ok()
            sign_in(session)
            try:
                _fuzz(operation, session, url, ids(operation.path))
            except FailureGroup as group:
                faults += [f"{operation.label}: {one.title}\n{one.message}" for one in group.exceptions]
            except Failure as failure:
                faults.append(f"{operation.label}: {failure.title}\n{failure.message}")
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
        # What fails is shown as it was found: making it smaller costs more than finding it.
        phases=[*settings.default.phases] if IS_SOAK else [Phase.generate],
    )
    @given(cases, st.integers(0, 5))
    def check(case: Any, choice: int) -> None:
        _name_what_is_there(case, ids, choice)
        case.call_and_validate(base_url=url, session=session, checks=CHECKS)

    check()


def is_declared(context: Any, response: Any, case: Any) -> None:
    """Each status stands in the document, but for those that have nothing to do with the operation."""
    declared = case.operation.definition.raw["responses"]
    if response.status_code not in OF_HTTP and str(response.status_code) not in declared:
        raise UndeclaredStatus(
            operation=case.operation.label,
            title="Undeclared status",
            message=f"{response.status_code} is none of {', '.join(declared)}: {response.content[:300]!r}",
        )


class UndeclaredStatus(Failure):
    """A status that the document hides behind `default`, or does not know at all."""


CHECKS = [not_a_server_error, is_declared, content_type_conformance, response_schema_conformance]


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
