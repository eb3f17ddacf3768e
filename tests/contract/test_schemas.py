"""`schemas/` says what the code does, and never breaks what was released."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import simplejson
from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator, OAS31Validator
from openapi_spec_validator import validate

from deploy.schemas import compatibility, events, generate, parts
from deploy.schemas.services import Described, describe
from shared.events.event import EVENTS
from shared.postgres.roles import SERVICES

SCHEMAS = generate.FOLDER
DIALECTS = ("paydock", "workspace", "fastfaktura", "facturering")
APIS = (*SERVICES, *DIALECTS)


@pytest.fixture(scope="module")
def services() -> dict[str, Described]:
    return describe()


@pytest.fixture(scope="module")
def wanted(services: dict[str, Described]) -> dict[str, str]:
    return generate.documents(services)


@pytest.fixture(scope="module")
def served(services: dict[str, Described]) -> dict[str, str]:
    """Every API's document as it is served."""
    return {
        name: simplejson.dumps(document, use_decimal=True)
        for name, document in generate.apis(services).items()
    }


def test_the_committed_schemas_are_what_the_code_says(wanted: dict[str, str]) -> None:
    assert generate.stale(SCHEMAS, wanted) == [], "run `make schemas`"


def test_the_code_breaks_no_released_event(wanted: dict[str, str]) -> None:
    assert generate.broken(SCHEMAS, wanted) == []


@pytest.mark.parametrize("type_", sorted(EVENTS))
def test_a_schema_of_an_event_is_a_valid_json_schema(type_: str, wanted: dict[str, str]) -> None:
    name = f"events/{type_}.v{EVENTS[type_].schema_version}.json"
    schema = parts.whole(name, lambda one: json.loads(wanted[one]))

    Draft202012Validator.check_schema(schema)

    assert schema == json.loads(json.dumps(events.schema(EVENTS[type_])))


@pytest.mark.parametrize("name", ["gateway", *DIALECTS])
def test_a_kept_api_is_the_served_one_without_examples_of_bodies(
    name: str, wanted: dict[str, str], served: dict[str, str]
) -> None:
    document = json.loads(served[name])
    for _, operation in _operations(document):
        for _, content in _json_bodies(operation):
            del content["example"]
        for content in operation.get("requestBody", {}).get("content", {}).values():
            content.pop("example", None)

    assert json.loads(wanted[f"api/{name}.json"]) == document


def test_apis_that_nobody_outside_speaks_to_are_not_kept(wanted: dict[str, str]) -> None:
    kept = {name for name in wanted if name.startswith("api/")}

    assert kept == {f"api/{name}.json" for name in ("gateway", *DIALECTS)}


@pytest.mark.parametrize("name", APIS)
def test_an_api_describes_itself_in_valid_openapi(name: str, served: dict[str, str]) -> None:
    document = json.loads(served[name])

    validate(document)

    assert document["openapi"] == ("3.0.3" if name == "paydock" else "3.1.0")


@pytest.mark.parametrize("name", APIS)
def test_every_operation_has_a_summary_and_says_what_can_go_wrong(name: str, served: dict[str, str]) -> None:
    document = json.loads(served[name])

    for label, operation in _operations(document):
        assert operation["summary"], label
        assert {"401", "403", "429", "503", "default"} <= operation["responses"].keys(), label
        assert any(status.startswith("2") for status in operation["responses"]), label


@pytest.mark.parametrize("name", APIS)
def test_every_json_body_has_an_example_that_fits_its_schema(name: str, served: dict[str, str]) -> None:
    document = json.loads(served[name])
    validator = OAS30Validator if document["openapi"].startswith("3.0.") else OAS31Validator
    looked_at = set()

    for label, operation in _operations(document):
        for place, content in _json_bodies(operation):
            assert "example" in content, f"{label} {place}: `python -m tests.story` records it"
            schema = {**content["schema"], "components": document["components"]}
            faults = list(validator(schema).iter_errors(content["example"]))
            assert not faults, f"{label} {place}: {faults[0].json_path}: {faults[0].message}"
            looked_at.add(place.partition(" ")[0])

    assert looked_at == {"request", "reply"}


def test_the_public_api_is_all_that_the_services_offer_below_v1(served: dict[str, str]) -> None:
    public = json.loads(served["gateway"])["paths"]

    for service in SERVICES:
        if service != "gateway":
            paths = json.loads(served[service])["paths"]
            offered = {path for path in paths if path.startswith("/v1/")}
            assert offered
            assert offered <= public.keys()


def test_every_reference_of_the_topics_document_leads_somewhere(wanted: dict[str, str]) -> None:
    document = json.loads(wanted["asyncapi.json"])

    references = _references(document)
    assert len(references) > len(EVENTS)
    assert any(reference.startswith("./") for reference in references)
    for reference in references:
        if reference.startswith("./"):
            assert reference.removeprefix("./") in wanted, reference
        else:
            found = document
            for step in reference.removeprefix("#/").split("/"):
                found = found[step]


def test_every_reference_of_an_event_leads_to_a_file(wanted: dict[str, str]) -> None:
    for type_, event in EVENTS.items():
        name = f"events/{type_}.v{event.schema_version}.json"
        envelope, data = parts.named(name, json.loads(wanted[name]))
        assert {envelope, data} <= wanted.keys(), name
        assert envelope == "events/envelope.json"


@pytest.mark.parametrize(
    "name", ["events.md", "asyncapi.json", "api/gateway.json", "events/data/InvoiceData.v1.json"]
)
def test_a_file_that_was_changed_by_hand_is_found(tmp_path: Path, wanted: dict[str, str], name: str) -> None:
    folder = _a_copy(tmp_path, wanted)

    (folder / name).write_text(wanted[name] + " ")

    assert generate.stale(folder, wanted) == [f"{name}: not what the code says"]


def test_a_missing_file_and_one_too_many_are_found(tmp_path: Path, wanted: dict[str, str]) -> None:
    folder = _a_copy(tmp_path, wanted)

    (folder / "events.md").unlink()
    (folder / "api" / "other.json").write_text("{}")

    found = generate.stale(folder, wanted)
    assert found == ["events.md: missing", "api/other.json: nothing in the code makes it"]


def test_an_older_version_of_an_event_stays(tmp_path: Path, wanted: dict[str, str]) -> None:
    folder = _a_copy(tmp_path, wanted)
    newer = {
        name.replace("credit_balance.updated.v1", "credit_balance.updated.v2").replace(
            "CreditBalanceData.v1", "CreditBalanceData.v2"
        ): text.replace("CreditBalanceData.v1", "CreditBalanceData.v2")
        for name, text in wanted.items()
    }

    generate.write(folder, newer)

    assert (folder / "events/credit_balance.updated.v1.json").exists()
    assert (folder / "events/credit_balance.updated.v2.json").exists()
    whole = parts.read(folder / "events/credit_balance.updated.v1.json")
    assert compatibility.breaking(whole, events.schema(EVENTS["credit_balance.updated"])) == []
    assert generate.stale(folder, newer) == []
    assert generate.broken(folder, newer) == []


def test_an_event_that_was_released_and_is_gone_is_found(tmp_path: Path, wanted: dict[str, str]) -> None:
    folder = _a_copy(tmp_path, wanted)
    without = {name: text for name, text in wanted.items() if name != "events/invoice.paid.v1.json"}

    assert generate.broken(folder, without) == ["events/invoice.paid.v1.json: the event is gone"]


def test_a_broken_event_is_refused_where_it_stands(tmp_path: Path, wanted: dict[str, str]) -> None:
    folder = _a_copy(tmp_path, wanted)
    name = "events/data/PaymentData.v1.json"
    schema = json.loads(wanted[name])
    del schema["properties"]["paid_on"]

    found = generate.broken(folder, {**wanted, name: json.dumps(schema)})

    # Of each event that shares the data.
    broken = {
        fault.partition(":")[0] for fault in found if fault.endswith("$.data.paid_on: the field is gone")
    }
    shared = {
        f"events/{type_}.v1.json" for type_ in EVENTS if '"data/PaymentData.v1.json"' in _text(wanted, type_)
    }
    assert broken == shared
    assert {"events/payment.created.v1.json", "events/payment.voided.v1.json"} <= broken


def test_a_release_that_kept_each_schema_whole_is_still_compared(tmp_path: Path) -> None:
    path = tmp_path / "payment.created.v1.json"
    schema = events.schema(EVENTS["payment.created"])
    path.write_text(json.dumps(schema))

    assert parts.read(path) == json.loads(json.dumps(schema))


def test_a_readme_beside_the_schemas_is_nobodys_rest(tmp_path: Path, wanted: dict[str, str]) -> None:
    folder = _a_copy(tmp_path, wanted)

    (folder / "README.md").write_text("# Schemas\n")

    assert generate.stale(folder, wanted) == []


def _text(wanted: dict[str, str], type_: str) -> str:
    return wanted[f"events/{type_}.v1.json"]


def _a_copy(folder: Path, wanted: dict[str, str]) -> Path:
    generate.write(folder / "schemas", wanted)
    return folder / "schemas"


def _operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = [
        (f"{method.upper()} {path}", operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    assert len(found) >= len(document["paths"]) > 0
    return found


def _json_bodies(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The JSON that goes in, and the JSON of replies that worked."""
    replies = {f"reply {status}": one for status, one in operation["responses"].items() if status[0] == "2"}
    for place, body in {"request": operation.get("requestBody", {}), **replies}.items():
        for media, content in body.get("content", {}).items():
            if "json" in media:
                yield f"{place} {media}", content


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [reference for item in value for reference in _references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [reference for item in value.values() for reference in _references(item)]
