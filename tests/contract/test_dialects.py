"""Every operation of every dialect, word by word: their request, ours, our reply, theirs.

The golden files were recorded on the running platform; those of quotes and subscriptions follow the
canonical shapes. A change of theirs is seen here before an integrator sees it.
"""

import importlib
import json
import pkgutil
import re
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import simplejson
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator
from pydantic import BaseModel

import services
import shared
from services.gateway.dialects.dialect import Answer, Ask, Call, Dialect, Operation, Refused, Reply
from services.gateway.dialects.openapi import describe
from services.gateway.dialects.paydock.routes import PAYDOCK
from shared.events.contact import ContactData
from shared.events.invoice import InvoiceData
from shared.events.payment import PaymentData
from shared.events.product import ProductData
from shared.http import errors
from shared.kernel.errors import BillingError

HERE = Path(__file__).parent / "dialects"
DIALECTS = {"paydock": (PAYDOCK, "/paydock/api")}
GOLDEN = sorted(HERE.glob("*/*.json"))
SHOWN = [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in GOLDEN]
# What the canonical API shows for each resource: a recorded reply that no longer fits is out of date.
OURS: dict[str, type[BaseModel]] = {
    "contacts": ContactData,
    "products": ProductData,
    "invoices": InvoiceData,
    "payments": PaymentData,
}
# The endpoints that the dialect's own documentation lists.
DOCUMENTED = {
    "paydock": """
        GET /contacts            POST /contacts           GET /contacts/{id}
        PUT /contacts/{id}       DELETE /contacts/{id}
        GET /products            POST /products           GET /products/{id}
        PUT /products/{id}       DELETE /products/{id}
        POST /invoices           GET /invoices            GET /invoices/{id}
        PATCH /invoices/{id}
        GET /quotes              GET /quotes/{id}         PATCH /quotes/{id}
        GET /subscriptions       GET /subscriptions/{id}  PATCH /subscriptions/{id}
        GET /payments            POST /payments           GET /payments/{id}
        GET /client-portal/{external_id}
    """,
}


@pytest.mark.parametrize("path", SHOWN)
def test_a_dialect_translates_word_by_word(path: Path) -> None:
    golden = _load(path)
    dialect, _ = DIALECTS[path.parent.name]
    operation, parameters = _operation(dialect, golden["request"])

    asks, reply = _driven(dialect, operation, _call(golden["request"], parameters), golden["asks"])

    assert operation.name == golden["operation"] == path.stem.partition(".")[0]
    assert [_written(ask) for ask in asks] == [step["ours"] for step in golden["asks"]]
    assert reply.status == golden["theirs"]["status"]
    # As text, so that 339.00 is not the same as 339.0.
    assert _text(reply.body) == _text(golden["theirs"]["body"])


@pytest.mark.parametrize("path", SHOWN)
def test_a_reply_is_as_the_dialects_description_says(path: Path) -> None:
    golden = _load(path)
    dialect, prefix = DIALECTS[path.parent.name]
    description = describe(dialect, prefix)
    operation, _ = _operation(dialect, golden["request"])
    responses = description["paths"][operation.path][operation.method.lower()]["responses"]

    expected = responses.get(str(golden["theirs"]["status"]), responses["default"])

    if golden["theirs"]["body"] is None:
        assert "content" not in expected
    else:
        schema = {**expected["content"]["application/json"]["schema"], **_components(description)}
        OAS30Validator(schema).validate(json.loads(_text(golden["theirs"]["body"])))


@pytest.mark.parametrize("path", SHOWN)
def test_the_recorded_replies_are_still_what_our_api_says(path: Path) -> None:
    for step in _load(path)["asks"]:
        resource = step["ours"]["target"].split("?")[0].split("/")[2]
        body = step["reply"]["body"]
        if resource in OURS and body and step["reply"]["status"] < 300:
            for one in body.get("data", [body]):
                model = OURS[resource]
                assert one.keys() <= model.model_fields.keys()
                model.model_validate(one)


@pytest.mark.parametrize("name", DIALECTS)
def test_every_operation_has_a_golden_file(name: str) -> None:
    dialect, _ = DIALECTS[name]

    recorded = {path.stem.partition(".")[0] for path in HERE.glob(f"{name}/*.json")}

    assert recorded == {operation.name for operation in dialect.operations}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_has_every_endpoint_that_its_documentation_lists(name: str) -> None:
    dialect, _ = DIALECTS[name]
    documented = set(re.findall(r"([A-Z]+) (/\S+)", DOCUMENTED[name]))

    assert {(operation.method, operation.path) for operation in dialect.operations} == documented


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialects_description_is_valid_openapi_3_0(name: str) -> None:
    description = json.loads(simplejson.dumps(describe(*DIALECTS[name]), use_decimal=True))

    OpenAPIV30SpecValidator(description).validate()

    assert description["openapi"].startswith("3.0.")
    for operation in DIALECTS[name][0].operations:
        described = description["paths"][operation.path][operation.method.lower()]
        assert ("requestBody" in described) == (operation.request is not None)
        if operation.request:
            content = described["requestBody"]["content"]["application/json"]
            schema = {**content["schema"], **_components(description)}
            OAS30Validator(schema).validate(content["example"])


@pytest.mark.parametrize("name", DIALECTS)
def test_every_code_of_ours_has_a_translation(name: str) -> None:
    dialect, _ = DIALECTS[name]
    unknown = dialect.problem(599, {}).body["code"]

    for error in _every_error():
        reply = dialect.problem(int(error.status), errors.problem(error(field="a.0")))

        assert reply.status == int(error.status)
        assert (reply.body["code"] == unknown) == (error.status == HTTPStatus.INTERNAL_SERVER_ERROR), error
        assert _text(reply.body)


def _every_error() -> list[type[BillingError]]:
    """Every error class of the code base."""
    for package in (services, shared):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith("shared.testing"):
                importlib.import_module(module.name)
    found, left = [], [BillingError]
    while left:
        error = left.pop()
        found.append(error)
        left += error.__subclasses__()
    return found


def _load(path: Path) -> Any:
    return json.loads(path.read_text(), parse_float=Decimal)


def _operation(dialect: Dialect, request: Any) -> tuple[Operation, dict[str, str]]:
    for operation in dialect.operations:
        found = operation.pattern.fullmatch(request["path"])
        if found and operation.method == request["method"]:
            return operation, found.groupdict()
    raise LookupError(request)


def _call(request: Any, parameters: dict[str, str]) -> Call:
    return Call(
        parameters=parameters,
        query=request.get("query", {}),
        body=request.get("body"),
        headers=request.get("headers", {}),
    )


def _driven(dialect: Dialect, operation: Operation, call: Call, steps: list[Any]) -> tuple[list[Ask], Reply]:
    translation, asks = operation.begin(call), []
    try:
        asks.append(next(translation))
        for step in steps:
            status, body = step["reply"]["status"], step["reply"]["body"]
            if status < 400:
                asks.append(translation.send(Answer(status, body)))
            else:
                asks.append(translation.throw(Refused(status, body, {})))
    except StopIteration as done:
        return asks, done.value
    except Refused as refused:
        return asks, dialect.problem(refused.status, refused.problem)
    raise AssertionError(f"it wants to know more: {asks[-1]}")


def _written(ask: Ask) -> dict[str, Any]:
    written: dict[str, Any] = {"method": ask.method, "target": ask.target}
    if ask.headers:
        written["headers"] = dict(ask.headers)
    if ask.body is not None:
        written["body"] = json.loads(json.dumps(ask.body))
    return written


def _text(value: Any) -> str:
    return simplejson.dumps(value, use_decimal=True, sort_keys=True)


def _components(description: Any) -> dict[str, Any]:
    return {"components": description["components"]}
