"""Asks the platform: one request with its retries, pages of lists, and the feed of events."""

import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from blg import VERSION
from blg.config import Profile
from blg.errors import NotReachable, Refused, WrongUsage

if TYPE_CHECKING:
    import httpx

RETRIES = 4
BASE_SECONDS = 0.5
MAX_RETRY_AFTER_SECONDS = 60
_AGAIN = frozenset({408, 429, 502, 503, 504})
# Refusals of 429 that time alone does not mend within a command.
_NOT_AGAIN = frozenset({"proved_just_now"})


@dataclass(frozen=True)
class Reply:
    """What the platform answered; `text` are its bytes as they came."""

    status: int
    headers: Mapping[str, str]
    text: str
    content: bytes

    def json(self) -> Any:
        """Its value, exact: no number becomes a float."""
        return json.loads(self.text, parse_float=str) if self.text else None


@dataclass
class Api:
    """One profile's connection to the platform."""

    profile: Profile
    timeout_seconds: float = 30
    retries: int = RETRIES
    sleep: Callable[[float], None] = time.sleep
    tell: Callable[[str], None] = lambda text: None
    _client: "httpx.Client | None" = field(default=None, repr=False)

    def get(self, path: str, **query: Any) -> Any:
        """The value at a path; parameters of None are left out."""
        return self.ask("GET", path, query=query).json()

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """What a POST answers; its idempotency key is minted once, so that a retry never does it twice."""
        return self.ask("POST", path, body=body, key=key).json()

    def rows(self, path: str, limit: int | None = None, **query: Any) -> Iterator[dict[str, Any]]:
        """The rows of a list, over all its pages, or the first so many."""
        cursor, count = None, 0
        while True:
            size = min(limit - count, 500) if limit else query.get("limit") or 100
            said = self.get(path, **{**query, "limit": size, "cursor": cursor})
            for row in said["data"]:
                yield row
                count += 1
                if limit and count >= limit:
                    return
            cursor = (said.get("meta") or {}).get("next_cursor")
            if not cursor:
                return

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float | None = None,
    ) -> Reply:
        """One request with its retries; raises Refused, or NotReachable when nothing came of any."""
        given = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        sent = dict(headers or {})
        if method == "POST":
            sent["idempotency-key"] = key or str(uuid.uuid4())
        content = None if body is None else _written(body)
        if content is not None:
            sent.setdefault(
                "content-type", "application/octet-stream" if isinstance(body, bytes) else "application/json"
            )
        may_repeat = method in ("GET", "POST", "HEAD", "PUT")
        for attempt in range(self.retries + 1):
            reply, fault = self._once(method, path, given, content, sent, timeout_seconds)
            if reply is not None and not self._is_passing(reply):
                return self._accepted(reply)
            if attempt == self.retries or not may_repeat:
                break
            seconds = self._pause(attempt, reply)
            self.tell(
                f"{fault or f'{method} {path} was answered {reply.status if reply else 0}'}; again in {seconds:.1f} s"
            )
            self.sleep(seconds)
        if reply is not None:
            if reply.status in (502, 503, 504):
                raise NotReachable(f"{_detail(reply)} ({reply.status})", status=reply.status)
            return self._accepted(reply)
        raise NotReachable(f"{self.profile.base_url} does not answer: {fault}")

    def close(self) -> None:
        """Give the connections back."""
        if self._client:
            self._client.close()

    def _once(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        content: bytes | None,
        headers: Mapping[str, str],
        timeout_seconds: float | None,
    ) -> tuple[Reply | None, str | None]:
        import httpx

        if self._client is None:
            self._client = httpx.Client(
                base_url=self.profile.base_url.rstrip("/"), headers=self._signed_in(), timeout=self.timeout_seconds
            )
        try:
            answer = self._client.request(
                method,
                path,
                # Given, even empty parameters would take the place of those in the path.
                params=query or None,
                content=content,
                headers=headers,
                timeout=timeout_seconds or self.timeout_seconds,
            )
        except httpx.UnsupportedProtocol as error:
            raise NotReachable(f"{self.profile.base_url} is no address: {error}") from error
        except httpx.TransportError as error:
            return None, f"{type(error).__name__}: {error}".rstrip(": ")
        return Reply(answer.status_code, answer.headers, answer.text, answer.content), None

    def _signed_in(self) -> dict[str, str]:
        profile = self.profile
        if not f"{profile.api_key}{profile.token}{profile.workspace}".isascii():
            raise WrongUsage("The key, token or workspace holds a character that none can have.")
        headers = {"user-agent": f"blg/{VERSION}", "billing-sdk": f"cli/{VERSION}", "accept": "application/json"}
        if profile.token:
            headers["authorization"] = f"Bearer {profile.token}"
        elif profile.api_key:
            headers["x-api-key"] = profile.api_key
        return headers | ({"x-tenant-slug": profile.workspace} if profile.workspace else {})

    def _is_passing(self, reply: Reply) -> bool:
        if reply.status == 409:
            return _code(reply) == "idempotency_key_in_flight"
        return reply.status in _AGAIN and _code(reply) not in _NOT_AGAIN

    def _pause(self, attempt: int, reply: Reply | None) -> float:
        told = reply.headers.get("retry-after", "") if reply else ""
        if told.isdigit():
            return float(min(int(told), MAX_RETRY_AFTER_SECONDS))
        return float(BASE_SECONDS * 2**attempt * (0.5 + random.random() / 2))

    def _accepted(self, reply: Reply) -> Reply:
        if reply.status < 400:
            return reply
        problem = _problem(reply)
        detail = problem.get("detail") or f"The platform answered {reply.status}."
        raise Refused(
            reply.status,
            problem.get("code") or "",
            detail,
            problem.get("errors") or (),
            problem.get("request_id") or reply.headers.get("x-request-id"),
        )


@dataclass(frozen=True)
class RawJson:
    """A body as somebody wrote it, and its value."""

    text: str
    value: Any


def _written(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return (body.text if isinstance(body, RawJson) else json.dumps(body, ensure_ascii=False)).encode()


def part(text: object) -> str:
    """A value as one segment of a path."""
    return quote(str(text), safe="")


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return [_text(one) for one in value] if isinstance(value, list | tuple) else value


def _problem(reply: Reply) -> dict[str, Any]:
    try:
        said = json.loads(reply.text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _code(reply: Reply) -> str:
    return str(_problem(reply).get("code") or "")


def _detail(reply: Reply) -> str:
    return str(_problem(reply).get("detail") or "The platform is not available.")
