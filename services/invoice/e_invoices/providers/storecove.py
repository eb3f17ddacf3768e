"""Storecove behind our port, by its documented routes; nothing is retried here, the e-invoice decides that.

What its public reference says: `POST /document_submissions` with an `idempotencyGuid` of which only the first
is processed, `GET /document_submissions/{guid}/evidence` which is 404 until the document was sent, and
`POST /discovery/receives`. There is no look-up by our guid: handing it in again is one.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp

from services.invoice.common.domain.electronic_address import Participant
from services.invoice.e_invoices.domain.e_invoice import EInvoiceStatus
from services.invoice.e_invoices.providers.access_point import (
    AccessPointRefused,
    AccessPointUnavailable,
    AccessPointUnknownOutcome,
    Capabilities,
    DocumentToSubmit,
    Hint,
    HintNotOurs,
    Submission,
    TransmissionStatus,
)
from services.invoice.e_invoices.providers.storecove_schemes import scheme_of
from shared.kernel.json import JsonMapping, JsonObject

NAME = "storecove"
API_BASE = "https://api.storecove.com/api/v2"
CAPABILITIES = Capabilities(frozenset({"ubl", "cii"}), True, False, True)
_NOT_EXECUTED = (401, 403, 429, 503)
_MAX_EVIDENCE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class StorecoveAccount:
    """Credentials of one account; `api_base` replaces Storecove's address."""

    api_key: str = field(repr=False)
    legal_entity_id: int
    api_base: str | None = None
    timeout_seconds: float = 20


class Storecove:
    """One account at Storecove."""

    name = NAME
    capabilities = CAPABILITIES

    def __init__(self, account: StorecoveAccount) -> None:
        self._account = account
        self._base = (account.api_base or API_BASE).rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close its connections."""
        if self._session:
            await self._session.close()

    async def can_receive(self, receiver: Participant, *, is_credit_note: bool) -> bool:
        """Ask for the receiver's capabilities on Peppol."""
        body = {
            "documentTypes": ["creditnote" if is_credit_note else "invoice"],
            "network": "peppol",
            "metaScheme": "iso6523-actorid-upis",
            "scheme": scheme_of(receiver),
            "identifier": receiver.id,
        }
        status, answer = await self._ask("POST", "/discovery/receives", body)
        if status == 404:
            return False
        _require_success(status, answer)
        return bool(answer.get("code") == "OK")

    async def submit(self, sending: DocumentToSubmit) -> Submission:
        """Hand the document in under our guid."""
        content = base64.b64encode(sending.content).decode()
        body = {
            "legalEntityId": self._account.legal_entity_id,
            "idempotencyGuid": str(sending.guid),
            "routing": {"eIdentifiers": [{"scheme": scheme_of(sending.receiver), "id": sending.receiver.id}]},
            "document": {
                "documentType": "invoice",
                "rawDocumentData": {"document": content, "parseStrategy": sending.syntax},
            },
        }
        status, answer = await self._ask("POST", "/document_submissions", body)
        if status == 422 and "idempotencyGuid" in json.dumps(answer):
            # It is known there: what became of it comes as a webhook.
            raise AccessPointUnknownOutcome("This submission is known, its reference is not.")
        _require_success(status, answer)
        return Submission(_guid(answer))

    async def find(self, guid: UUID) -> Submission | None:
        """It offers no look-up by our guid."""
        return None

    async def status(self, reference: str) -> TransmissionStatus:
        """Delivered once there is evidence of the sending."""
        status, answer = await self._ask("GET", f"/document_submissions/{UUID(reference)}/evidence")
        if status == 404:
            return TransmissionStatus(EInvoiceStatus.SUBMITTED)
        _require_success(status, answer)
        # What the receiver replies comes as a webhook alone.
        return TransmissionStatus(EInvoiceStatus.DELIVERED, is_final=True)

    async def evidence(self, reference: str) -> JsonMapping | None:
        """What proves the sending, without the documents themselves."""
        status, answer = await self._ask("GET", f"/document_submissions/{UUID(reference)}/evidence")
        if status == 404:
            return None
        _require_success(status, answer)
        kept = ("network", "sender", "receiver", "evidence")
        return {name: answer[name] for name in kept if name in answer}

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        """The submission that a webhook is about; what it says besides is not believed."""
        try:
            said = json.loads(body)
            # The body of a pulled webhook is itself JSON in a text.
            said = json.loads(said["body"]) if isinstance(said.get("body"), str) else said
            named = said.get("document_guid") or said.get("guid")
            return Hint(str(UUID(str(named))))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise HintNotOurs from error

    async def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, JsonObject]:
        try:
            async with self._open().request(
                method, self._base + path, json=body, allow_redirects=False
            ) as reply:
                return reply.status, _parse_reply(await reply.content.read(_MAX_EVIDENCE_BYTES))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise AccessPointUnavailable(repr(error)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise AccessPointUnknownOutcome(repr(error)) from error

    def _open(self) -> aiohttp.ClientSession:
        # Made on first use, since a session belongs to the running event loop.
        if self._session is None:
            seconds = self._account.timeout_seconds
            self._session = aiohttp.ClientSession(
                headers={"authorization": f"Bearer {self._account.api_key}"},
                timeout=aiohttp.ClientTimeout(total=seconds, connect=min(5, seconds)),
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _parse_reply(content: bytes) -> JsonObject:
    try:
        answer = json.loads(content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {"errors": answer}


def _require_success(status: int, answer: JsonObject) -> None:
    if 200 <= status < 300:
        return
    said = f"HTTP {status}: {json.dumps(answer)[:500]}"
    if status in _NOT_EXECUTED:
        raise AccessPointUnavailable(said)
    if status >= 500 or status in (408, 409):
        raise AccessPointUnknownOutcome(said)
    raise AccessPointRefused(said, f"http_{status}")


def _guid(answer: JsonObject) -> str:
    try:
        return str(UUID(str(answer["guid"])))
    except (KeyError, ValueError) as error:
        raise AccessPointUnknownOutcome("The answer names no submission.") from error
