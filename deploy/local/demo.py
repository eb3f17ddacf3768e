"""The demo workspace of a local stack, made through the gateway like any other."""

import http.client
import json
from secrets import token_hex
from typing import Any

from deploy.local.credentials import Credentials
from deploy.local.errors import LocalError

SLUG = "demo"
TIMEOUT_SECONDS = 30


def ensure_workspace(gateway_port: int, credentials: Credentials) -> Credentials:
    """The credentials with a working API key: the kept one, or that of a new workspace."""
    if credentials.api_key and _key_works(gateway_port, credentials.api_key):
        return credentials
    # The slug may be taken by a workspace whose key was shown once and is gone.
    for slug in (SLUG, f"{SLUG}-{token_hex(3)}"):
        body = {"slug": slug, "name": "Demo", "mode": "sandbox"}
        authorization = {"Authorization": f"Bearer {credentials.admin_token}"}
        status, reply = call(gateway_port, "POST", "/v1/workspaces", authorization, body)
        if status == 201:
            return credentials.with_workspace(slug, reply["api_key"]["key"])
        if status != 409:
            break
    raise LocalError(
        f"The demo workspace could not be made: the gateway answered {status} {json.dumps(reply)}"
    )


def call(port: int, method: str, path: str, headers: dict[str, str], body: object = None) -> tuple[int, Any]:
    """One request to a service of this machine: the status and the parsed reply (None when it is no JSON)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        content = json.dumps(body) if body is not None else None
        connection.request(method, path, content, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        text = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise LocalError(f"The service on port {port} did not answer {method} {path}: {error}") from error
    finally:
        connection.close()
    try:
        return response.status, json.loads(text)
    except ValueError:
        return response.status, None


def _key_works(gateway_port: int, api_key: str) -> bool:
    status, _ = call(gateway_port, "GET", "/v1/contacts?limit=1", {"X-API-Key": api_key})
    return status == 200
