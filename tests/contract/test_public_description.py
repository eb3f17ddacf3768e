"""What clients that are generated from the public description rely on."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.schemas.generate import FOLDER
from services.gateway.descriptions.domain.tags import TEXTS
from shared.events.registry import EVENTS
from shared.http import client_schemas

DOCUMENT: dict[str, Any] = json.loads((FOLDER / "api" / "gateway.json").read_text())
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]


def _operations() -> Iterator[tuple[str, str, Any]]:
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            yield method, path, operation


NAMES = [operation["operationId"] for _, _, operation in _operations()]


def test_an_operation_is_named_as_a_method_of_a_client_and_no_two_alike() -> None:
    assert len(NAMES) == len(set(NAMES)) > 190
    for name in NAMES:
        assert re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", name), name
        beneath = [other for other in NAMES if other.startswith(f"{name}.")]
        assert not beneath, f"{name} is a method, and {beneath} would be methods of it"


def test_names_are_what_people_would_look_for() -> None:
    assert {
        *("invoices.create", "invoices.list", "invoices.get", "invoices.update", "invoices.issue"),
        *("invoices.credit_notes.create", "invoices.pdf", "payments.create", "contacts.archive"),
        *("webhook_endpoints.secret.rotate", "sandbox.clock.advance", "api_keys.revoke", "business.get"),
    } <= set(NAMES)


def test_a_summary_is_a_sentence_of_its_own() -> None:
    summaries = [operation["summary"] for _, _, operation in _operations()]

    assert len(summaries) == len(set(summaries))
    for summary in summaries:
        assert re.fullmatch(r"[A-Z][^.]* [^.]*[^. ]", summary), summary


def test_a_tag_has_a_text() -> None:
    used = {tag for _, _, operation in _operations() for tag in operation["tags"]}

    assert used <= {tag["name"] for tag in DOCUMENT["tags"]}
    assert used <= TEXTS.keys()
    assert all(tag["description"].endswith(".") for tag in DOCUMENT["tags"])


def test_a_change_has_no_defaults() -> None:
    bodies = [one["requestBody"] for method, _, one in _operations() if method in ("patch", "put")]
    names = set().union(*map(client_schemas.named, bodies))

    assert len(names) > 15
    for name in names:
        for field, schema in SCHEMAS[name]["properties"].items():
            assert "default" not in schema, f"{name}.{field}"


def test_a_reply_names_every_field_that_always_comes() -> None:
    answered = client_schemas.used_by_replies(DOCUMENT) - client_schemas.used_by_requests(DOCUMENT)
    optional = {
        f"{name}.{field}"
        for name in answered - {"Problem"}
        for field in SCHEMAS[name].get("properties", {}).keys() - set(SCHEMAS[name].get("required", ()))
    }

    assert len(answered) > 100
    assert optional == {"FeedEvent.lacking_scope", "FeedEvent.resend", "Meta.total_is_estimate"}


def test_a_schema_is_titled_as_it_is_named_and_says_null_in_one_way() -> None:
    for name, schema in SCHEMAS.items():
        assert schema["title"] == name
        assert not name.endswith(("_", "Reply_")), name
        for part in _parts(schema):
            assert not isinstance(part.get("type"), list), name
            assert not {"ge", "gt", "le", "lt", "decimal_places", "nullable"} & part.keys(), name
        for field, described in schema.get("properties", {}).items():
            assert described.get("type") != "null", f"{name}.{field}"


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and all in it that is a schema, other than by its fields' names."""
    if isinstance(schema, dict):
        yield schema
        for word, part in schema.items():
            fields = part.values() if word == "properties" else (part,)
            for one in fields:
                yield from _parts(one)
    elif isinstance(schema, list):
        for part in schema:
            yield from _parts(part)


def test_lists_posts_and_files_say_what_they_are() -> None:
    found = {operation["operationId"]: operation for _, _, operation in _operations()}

    assert found["invoices.list"]["x-paginated"] == "cursor"
    assert found["events.list"]["x-paginated"] == "feed"
    assert found["invoices.pdf"]["x-binary"] == "application/pdf"
    assert found["invoices.create"]["x-scopes"] == ["invoices:write"]
    assert found["invoices.create"]["x-idempotent"] is True
    assert "x-idempotent" not in found["invoices.get"]
    assert "Prefer" in {parameter["name"] for parameter in found["payments.create"]["parameters"]}
    keyed = {name for name, one in found.items() if one.get("x-idempotent")}
    assert {"contacts.create", "payments.create", "invoices.issue", "workspaces.create"} <= keyed
    for name in keyed:
        assert "Idempotency-Key" in {one["name"] for one in found[name]["parameters"]}, name


@pytest.mark.parametrize(
    ("name", "expected", "others"),
    [
        ("invoices.issue", {"not_found", "invoice_has_no_lines", "seller_missing"}, {"no_logo"}),
        ("invoices.list", {"invalid"}, {"not_found", "idempotency_key_reused"}),
        ("contacts.create", {"contact_external_id_taken", "idempotency_key_reused"}, {"number_taken"}),
        ("payments.create", {"duplicate_external_reference"}, {"nothing_to_refund"}),
        ("subscriptions.pause", {"illegal_move", "not_found"}, {"product_archived"}),
    ],
)
def test_an_operation_says_what_its_code_can_raise(name: str, expected: set[str], others: set[str]) -> None:
    [operation] = [one for _, _, one in _operations() if one["operationId"] == name]

    codes = set(operation["x-errors"])

    assert expected <= codes
    assert not others & codes
    for code in codes:
        problem = DOCUMENT["x-problems"][code]
        assert problem["title"].endswith((".", "…")), code
        if problem["status"] in (400, 404, 409, 412, 422):
            assert str(problem["status"]) in operation["responses"]


def test_a_list_of_everything_is_never_missing() -> None:
    missing = {one["operationId"] for method, path, one in _operations() if "404" in one["responses"]}

    assert not missing & {"invoices.list", "contacts.list", "business.get", "payments.list"}


def test_every_event_type_is_a_webhook_with_its_data() -> None:
    assert DOCUMENT["webhooks"].keys() == EVENTS.keys()
    for type_, webhook in DOCUMENT["webhooks"].items():
        body = webhook["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        event = SCHEMAS[body.rpartition("/")[2]]
        assert event["properties"]["type"]["const"] == type_
        assert event["properties"]["data"]["$ref"].rpartition("/")[2] in SCHEMAS
    invoice = SCHEMAS["InvoicePaidEvent"]["properties"]["data"]["$ref"]
    assert invoice == "#/components/schemas/Invoice"
