"""One invoice through the whole platform, in a sandbox of its own: issued, paid, announced.

Environment: GATEWAY_URL, ADMIN_TOKEN. Needs nothing but Python.
"""

import http.client
import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

GATEWAY = urlsplit(os.environ["GATEWAY_URL"]).netloc
REQUEST_SECONDS = 20
WAIT_SECONDS = 60


def call(method: str, path: str, headers: dict[str, str], body: object = None) -> Any:
    """The reply as JSON; ends the program where the gateway refuses."""
    connection = http.client.HTTPConnection(GATEWAY, timeout=REQUEST_SECONDS)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, {"content-type": "application/json", **headers})
        response = connection.getresponse()
        text = response.read()
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"FAILED  {method} {path}: {error!r}")
    finally:
        connection.close()
    if response.status >= 400:
        sys.exit(f"FAILED  {method} {path} answered {response.status}: {text[:500]!r}")
    return json.loads(text) if text else None


def eventually(fact: str, look: Callable[[], bool]) -> None:
    """Look again and again until it is so."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if look():
            return
        time.sleep(0.5)
    sys.exit(f"FAILED  {fact}: not within {WAIT_SECONDS} s")


def main() -> None:
    admin = {"authorization": f"Bearer {os.environ['ADMIN_TOKEN']}"}
    slug = f"smoke-{secrets.token_hex(4)}"
    workspace = call("POST", "/v1/workspaces", admin, {"slug": slug, "name": "Smoke test", "mode": "sandbox"})
    key = {"x-api-key": workspace["api_key"]["key"]}
    print(f"ok  workspace {slug}")

    contact = call("POST", "/v1/contacts", key, {"name": "Smoke"})
    line = {"description": "Smoke", "quantity": "1", "unit_price": "12.10", "tax_rate": "21"}
    draft = {"contact_id": contact["id"], "currency": "EUR", "lines": [line]}
    invoice = call("POST", "/v1/invoices", key, draft)
    issued = call("POST", f"/v1/invoices/{invoice['id']}/issue", key)
    print(f"ok  invoice {issued['number']} over {issued['total_minor']} {issued['currency']}")

    allocation = {"invoice_id": invoice["id"], "amount_minor": issued["total_minor"]}
    paid = {
        "amount_minor": issued["total_minor"],
        "currency": "EUR",
        "method": "bank_transfer",
        "allocations": [allocation],
    }
    payment = call("POST", "/v1/payments", key, paid)
    print(f"ok  payment {payment['id']}")

    path = f"/v1/invoices/{invoice['id']}"
    eventually("the invoice is paid", lambda: call("GET", path, key)["status"] == "paid")
    print("ok  Kafka brought the payment to the invoice")

    def announced() -> bool:
        events = call("GET", "/v1/events?limit=100", key)["data"]
        return any(event["type"] == "invoice.paid" for event in events)

    eventually("invoice.paid is announced", announced)
    print("ok  invoice.paid is announced to integrators")


if __name__ == "__main__":
    main()
