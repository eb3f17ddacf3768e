"""Every operation of every dialect, word by word: their request, ours, our reply, theirs.

The golden files were recorded on the running platform; where a part of it was not there yet, its replies
follow the canonical shapes. A change of theirs is seen here before an integrator sees it.
"""

import base64
import importlib
import itertools
import json
import pkgutil
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import simplejson
from openapi_schema_validator import OAS30Validator, OAS31Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from pydantic import BaseModel

import services
import shared
from deploy.layout import json_text
from services.gateway.dialects.common.dialect import Answer, Ask, Call, Dialect, Operation, Refused, Reply
from services.gateway.dialects.common.openapi import describe
from services.gateway.dialects.facturering.routes import FACTURERING
from services.gateway.dialects.fastfaktura.routes import FASTFAKTURA
from services.gateway.dialects.paydock.routes import PAYDOCK
from services.gateway.dialects.workspace.routes import WORKSPACE
from services.invoice.invoices.api.lines import InvoiceLineData
from services.invoice.invoices.api.replies import TimelineEntry
from services.invoice.sending.api.bodies import DeliveryReply, SendResult
from services.payment.allocations.api import AllocationReply
from shared.events.business import BusinessData
from shared.events.contact import ContactData
from shared.events.e_invoice import EInvoiceData
from shared.events.invoice import InvoiceData
from shared.events.payment import PaymentData
from shared.events.payment_method import PaymentMethodData
from shared.events.product import ProductData
from shared.http import errors
from shared.kernel.errors import BillingError

HERE = Path(__file__).parent / "dialects"
DIALECTS = {
    "paydock": (PAYDOCK, "/paydock/api"),
    "workspace": (WORKSPACE, "/workspace/api/v1"),
    "fastfaktura": (FASTFAKTURA, "/fastfaktura/api/v1"),
    "facturering": (FACTURERING, "/facturering"),
}
GOLDEN = sorted(HERE.glob("*/*.json"))
SHOWN = [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in GOLDEN]
# What the canonical API shows for each resource: a recorded reply that no longer fits is out of date.
OURS: dict[str, type[BaseModel]] = {
    "contacts": ContactData,
    "products": ProductData,
    "invoices": InvoiceData,
    "payments": PaymentData,
    "payment-methods": PaymentMethodData,
    "business": BusinessData,
    "invoice-lines": InvoiceLineData,
    "allocations": AllocationReply,
}
# What is answered below a resource where that is not the resource itself; None: not looked at.
BELOW: dict[str, type[BaseModel] | None] = {
    "deliveries": DeliveryReply,
    "events": TimelineEntry,
    "send": DeliveryReply,
    **dict.fromkeys(("next-number", "pdf", "refunds", "setup-intents")),
}
ACTIONS: dict[str, type[BaseModel]] = {"invoices/send": SendResult, "e-invoices/send": EInvoiceData}


@pytest.mark.parametrize("path", SHOWN)
def test_a_dialect_translates_word_by_word(path: Path) -> None:
    golden = _load(path)
    dialect, prefix = DIALECTS[path.parent.name]
    operation, parameters = _operation(dialect, golden["request"])
    call = _call(golden["request"], parameters, prefix)

    asks, reply = _driven(dialect, operation, call, golden["asks"])

    assert operation.name == golden["operation"] == path.stem.partition(".")[0]
    assert [_written(ask) for ask in asks] == [step["ours"] for step in golden["asks"]]
    assert reply.status == golden["theirs"]["status"]
    assert reply.headers.get("content-type") == golden["theirs"].get("media")
    # As text, so that 339.00 is not the same as 339.0.
    assert _text(reply.body) == _text(_content(golden["theirs"]["body"]))


@pytest.mark.parametrize("path", SHOWN)
def test_a_golden_file_is_laid_out_to_be_read(path: Path) -> None:
    assert path.read_text() == json_text(_load(path)), f"run `python -m deploy.layout {path}`"


@pytest.mark.parametrize("path", SHOWN)
def test_a_reply_is_as_the_dialects_description_says(path: Path) -> None:
    golden = _load(path)
    dialect, prefix = DIALECTS[path.parent.name]
    description = describe(dialect, prefix)
    operation, _ = _operation(dialect, golden["request"])
    responses = description["paths"][operation.path][operation.method.lower()]["responses"]

    expected = responses.get(str(golden["theirs"]["status"]), responses["default"])
    if "$ref" in expected:
        expected = description["components"]["responses"][expected["$ref"].rpartition("/")[2]]

    body = golden["theirs"]["body"]
    if body is None:
        assert "content" not in expected
        return
    schema = expected["content"][golden["theirs"].get("media", "application/json")]["schema"]
    if schema.get("format") != "binary":
        _validator(dialect, schema, description).validate(json.loads(_text(body)))


@pytest.mark.parametrize("path", SHOWN)
def test_the_recorded_replies_are_still_what_our_api_says(path: Path) -> None:
    for step in _load(path)["asks"]:
        body = step["reply"]["body"]
        if model := _model_of(step):
            for one in body.get("data", [body]):
                assert one.keys() <= model.model_fields.keys()
                model.model_validate(one)


def test_most_recorded_replies_are_compared_with_our_api() -> None:
    steps = [step for path in GOLDEN for step in _load(path)["asks"]]

    compared = [model for step in steps if (model := _model_of(step))]

    assert len(compared) > 100
    assert set(compared) >= {*OURS.values(), *ACTIONS.values(), DeliveryReply, TimelineEntry}


def _model_of(step: Any) -> type[BaseModel] | None:
    _, _, resource, *below = step["ours"]["target"].split("?")[0].split("/")
    model = ACTIONS.get("/".join([resource, *below])) or _model(resource, below)
    return model if step["reply"]["body"] and step["reply"]["status"] < HTTPStatus.MULTIPLE_CHOICES else None


def _model(resource: str, below: list[str]) -> type[BaseModel] | None:
    for name in below:
        if name in BELOW:
            return BELOW[name]
    return OURS.get(resource)


@pytest.mark.parametrize("name", DIALECTS)
def test_every_operation_has_a_golden_file(name: str) -> None:
    dialect, _ = DIALECTS[name]

    recorded = {path.stem.partition(".")[0] for path in HERE.glob(f"{name}/*.json")}

    assert recorded == {operation.name for operation in dialect.operations}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialects_description_is_valid_openapi(name: str) -> None:
    dialect, prefix = DIALECTS[name]
    description = json.loads(simplejson.dumps(describe(dialect, prefix), use_decimal=True))
    validator = OpenAPIV30SpecValidator if _is_3_0(dialect) else OpenAPIV31SpecValidator

    validator(description).validate()

    assert description["openapi"] == ("3.0.3" if name == "paydock" else "3.1.0")
    for operation in dialect.operations:
        described = description["paths"][operation.path][operation.method.lower()]
        assert ("requestBody" in described) == (operation.request is not None)
        if operation.request:
            for content in described["requestBody"]["content"].values():
                _validator(dialect, content["schema"], description).validate(content["example"])


@pytest.mark.parametrize("name", DIALECTS)
def test_an_example_of_the_description_is_taken(name: str) -> None:
    dialect, prefix = DIALECTS[name]

    assert any(operation.request for operation in dialect.operations)
    for operation in dialect.operations:
        if operation.request:
            parameters = {"id": "01981a8e-7c00-7000-8000-000000000003"}
            if "integer" in str(operation.parameters):
                parameters = {"id": "7"}
            body = json.loads(_text(operation.example), parse_float=Decimal)
            next(operation.begin(_call({"body": body}, parameters, prefix)))


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


def _call(request: Any, parameters: dict[str, str], prefix: str) -> Call:
    ids = itertools.count(0x01981A8E7C0070008000_000000000001)
    return Call(
        parameters=parameters,
        query=request.get("query", {}),
        body=request.get("body"),
        headers=request.get("headers", {}),
        base=prefix,
        new_id=lambda: UUID(int=next(ids)),
    )


def _driven(dialect: Dialect, operation: Operation, call: Call, steps: list[Any]) -> tuple[list[Ask], Reply]:
    translation, asks = operation.begin(call), []
    try:
        asks.append(next(translation))
        for step in steps:
            status, body = step["reply"]["status"], _content(step["reply"]["body"])
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


def _content(recorded: Any) -> Any:
    is_file = isinstance(recorded, dict) and "$base64" in recorded
    return base64.b64decode(recorded["$base64"]) if is_file else recorded


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return simplejson.dumps(value, use_decimal=True, sort_keys=True)


def _is_3_0(dialect: Dialect) -> bool:
    return dialect.openapi.startswith("3.0.")


def _validator(dialect: Dialect, schema: Any, description: Any) -> Any:
    validator = OAS30Validator if _is_3_0(dialect) else OAS31Validator
    return validator({**schema, "components": description["components"]})
