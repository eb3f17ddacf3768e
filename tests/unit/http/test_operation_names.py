"""Operations are named by their paths, as methods of a client, and say in a sentence what they do."""

from typing import Any

import pytest

from shared.http.operation_names import name_operations

LIST = [{"name": "limit", "in": "query"}]


def _operation(function: str, parameters: Any = ()) -> dict[str, Any]:
    return {"operationId": function, "summary": "X", "parameters": list(parameters), "responses": {}}


def _document() -> dict[str, Any]:
    return {
        "paths": {
            "/v1/api-keys": {"get": _operation("list__v1", LIST), "post": _operation("create_v1")},
            "/v1/api-keys/{key_id}": {"delete": _operation("revoke_v1"), "patch": _operation("change_v1")},
            "/v1/business": {"get": _operation("get_v1")},
            "/v1/business/logo": {"put": _operation("put_v1"), "get": _operation("get_v1")},
            "/v1/invoices/{id}/credit-notes": {
                "post": _operation("create_v1"),
                "get": _operation("list_of_v1", LIST),
            },
            "/v1/invoices/{id}/pdf": {"get": _operation("invoice_pdf_v1")},
            "/v1/invoices/{id}/write-off": {"post": _operation("write_off_v1")},
            "/v1/invoices/send": {"post": _operation("invoices.send_many")},
            "/livez": {"get": _operation("live")},
        }
    }


@pytest.mark.parametrize(
    ("method", "path", "name", "summary"),
    [
        ("get", "/v1/api-keys", "api_keys.list", "List API keys"),
        ("post", "/v1/api-keys", "api_keys.create", "Create an API key"),
        ("delete", "/v1/api-keys/{key_id}", "api_keys.revoke", "Revoke an API key"),
        ("patch", "/v1/api-keys/{key_id}", "api_keys.update", "Change an API key"),
        ("get", "/v1/business", "business.get", "Get the business"),
        ("put", "/v1/business/logo", "business.logo.replace", "Replace the logo of the business"),
        ("get", "/v1/business/logo", "business.logo.get", "Get the logo of the business"),
        (
            "post",
            "/v1/invoices/{id}/credit-notes",
            "invoices.credit_notes.create",
            "Create a credit note of an invoice",
        ),
        (
            "get",
            "/v1/invoices/{id}/credit-notes",
            "invoices.credit_notes.list",
            "List credit notes of an invoice",
        ),
        ("get", "/v1/invoices/{id}/pdf", "invoices.pdf", "Get the PDF of an invoice"),
        ("post", "/v1/invoices/{id}/write-off", "invoices.write_off", "Write off an invoice"),
        ("post", "/v1/invoices/send", "invoices.send_many", "X"),
    ],
)
def test_an_operation_is_named_by_its_path(method: str, path: str, name: str, summary: str) -> None:
    named = name_operations(_document(), {("post", "/v1/invoices/send")})

    operation = named["paths"][path][method]

    assert (operation["operationId"], operation["summary"]) == (name, summary)
