"""The cases that every SDK has in common, on the wire: sync and async."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from billing_sdk import AsyncBilling, Billing, errors
from billing_sdk._models import Model

from sdks.python.tests.conftest import KEY, Server, load

FILES = ("requests", "retries", "errors", "values", "paging", "files", "follow")
CASES = [pytest.param(case, id=case["name"]) for name in FILES for case in load(name)]
NO_PORT = "http://127.0.0.1:9"


@pytest.mark.parametrize("case", CASES)
def test_sync(case: Any, server: Server, tmp_path: Path) -> None:
    server.play(case["exchanges"])
    with _judging(case, server, tmp_path) as took, Billing(**_options(case, server)) as client:
        method = _method(client, case)
        took(_take(method(*case["call"].get("ids", ()), **_given(case)), case["call"].get("take"), tmp_path))


@pytest.mark.parametrize("case", CASES)
async def test_async(case: Any, server: Server, tmp_path: Path) -> None:
    await asyncio.to_thread(server.play, case["exchanges"])
    with _judging(case, server, tmp_path) as took:
        async with AsyncBilling(**_options(case, server)) as client:
            method = _method(client, case)
            said = method(*case["call"].get("ids", ()), **_given(case))
            took(await _atake(said, case["call"].get("take"), tmp_path))


def _options(case: Any, server: Server) -> dict[str, Any]:
    given = {"timeout": 10, "retry_base": 0.01, **case.get("client", {})}
    refused, path = given.pop("refused", False), given.pop("base_path", "")
    given["base_url"] = NO_PORT if refused else server.url + path
    return given if "token" in given else {"api_key": KEY, **given}


def _method(client: Any, case: Any) -> Any:
    for name in case["call"]["method"].split("."):
        client = getattr(client, name)
    return client


def _given(case: Any) -> dict[str, Any]:
    fields = case["call"].get("fields", {})
    bytes_ = {
        name: base64.b64decode(value["base64"])
        for name, value in fields.items()
        if isinstance(value, dict) and "base64" in value
    }
    return {**fields, **bytes_, **case["call"].get("options", {})}


def _take(said: Any, take: str | None, folder: Path) -> Any:
    kind, _, count = (take or "").partition(":")
    if kind == "all":
        return list(said)
    if kind == "first" and hasattr(said, "cursor"):
        events = iter(said)
        return said, [next(events) for _ in range(int(count))]
    if kind == "first":
        return said.first(int(count))
    if kind == "page":
        return said.page()
    if kind == "pages":
        return list(said.pages())
    if kind == "read":
        return said.read()
    if kind == "iter_bytes":
        return b"".join(said.iter_bytes(64))
    if kind == "save":
        return said.save(folder / "file").read_bytes()
    return None if kind == "nothing" else said


async def _atake(said: Any, take: str | None, folder: Path) -> Any:
    kind, _, count = (take or "").partition(":")
    if kind == "all":
        return [one async for one in said]
    if kind == "first" and hasattr(said, "cursor"):
        events = said.__aiter__()
        return said, [await anext(events) for _ in range(int(count))]
    if kind == "first":
        return await said.first(int(count))
    if kind == "page":
        return await said.page()
    if kind == "pages":
        return [one async for one in said.pages()]
    if kind == "read":
        return await said.read()
    if kind == "iter_bytes":
        return b"".join([piece async for piece in said.iter_bytes(64)])
    if kind == "save":
        return (await said.save(folder / "file")).read_bytes()
    return None if kind == "nothing" else await said


@contextlib.contextmanager
def _judging(case: Any, server: Server, folder: Path) -> Iterator[Any]:
    """Compare what came of a case with what should, then what the server was asked."""
    results: list[Any] = []
    started = time.monotonic()
    expected = case["result"]
    try:
        yield results.append
    except errors.BillingError as error:
        _judge_error(error, expected, folder)
    except (TypeError, ValueError):
        assert expected == {"error": {"class": "usage"}}
    else:
        assert "error" not in expected, results
        _judge_result(results[0], expected)
    least, most = case.get("seconds", [0, 60])
    # A busy machine is slower, and never faster.
    assert least <= time.monotonic() - started <= most + 10
    _judge_requests(server.seen(), case)


def _judge_error(error: errors.BillingError, expected: Any, folder: Path) -> None:
    wanted = dict(expected.get("error", {}))
    assert type(error).__name__ == wanted.pop("class", None), repr(error)
    for name in wanted.pop("also", ()):
        assert isinstance(error, getattr(errors, name))
    for text in wanted.pop("says", ()):
        assert text in str(error)
    if wanted.pop("has_key", False):
        assert error.idempotency_key
    if wanted.pop("no_file", False):
        assert list(folder.iterdir()) == []
    if "errors" in wanted:
        assert [list(one) for one in getattr(error, "errors")] == wanted.pop("errors")  # noqa: B009
    if "body" in wanted:
        assert wanted.pop("body").items() <= dict(getattr(error, "body")).items()  # noqa: B009
    for name, value in wanted.items():
        assert getattr(error, name) == value, name
    assert KEY not in str(error) + repr(error)


def _judge_result(result: Any, expected: Any) -> None:
    if "nothing" in expected:
        assert result is None
    if "base64" in expected:
        assert base64.b64encode(result).decode() == expected["base64"]
    if "value" in expected:
        _assert_within(expected["value"], result.to_dict())
        for name, value in expected["value"].items():
            _assert_within(value, _plain(getattr(result, name)))
    if "exact" in expected:
        assert {name: str(result[name]) for name in expected["exact"]} == expected["exact"]
        assert not any(isinstance(result[name], float) for name in expected["exact"])
    if "response" in expected:
        _judge_response(result, expected["response"])
    if "pages" in expected:
        assert [len(page) for page in result] == expected["pages"]
    if "page" in expected:
        assert {name: getattr(result, name) for name in expected["page"]} == expected["page"]
    if "cursor" in expected:
        assert result[0].cursor == expected["cursor"]
    if "values" in expected:
        rows = result[1] if isinstance(result, tuple) else list(result)
        assert len(rows) == len(expected["values"])
        for row, wanted in zip(rows, expected["values"], strict=True):
            _assert_within(wanted, row.to_dict())


def _judge_response(result: Any, expected: Any) -> None:
    response = result.last_response
    assert expected.pop("headers", {}).items() <= dict(response.headers).items()
    assert {name: getattr(response, name) for name in expected} == expected


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _assert_within(expected: Any, found: Any) -> None:
    """That is there; objects may have more."""
    if isinstance(expected, dict):
        for name, value in expected.items():
            _assert_within(value, found[name])
    elif isinstance(expected, list):
        assert len(expected) == len(found)
        for one, other in zip(expected, found, strict=True):
            _assert_within(one, other)
    else:
        assert expected == found
        assert not isinstance(found, float | Decimal)


def _judge_requests(seen: list[Any], case: Any) -> None:
    assert len(seen) == len(case["exchanges"])
    for request, exchange in zip(seen, case["exchanges"], strict=True):
        _judge_request(request, dict(exchange["expect"]))
    if case.get("same_key"):
        assert len({request["headers"]["idempotency-key"] for request in seen}) == 1


def _judge_request(request: Any, expected: Any) -> None:
    if "json" in expected:
        assert json.loads(request["body"]) == expected.pop("json")
    if "query" in expected:
        assert sorted(request["query"]) == sorted(expected.pop("query"))
    for name in expected.pop("absent", ()):
        assert name not in request["headers"]
    for name, pattern in expected.pop("matches", {}).items():
        assert re.search(pattern, request["headers"][name])
    assert expected.pop("headers", {}).items() <= request["headers"].items()
    assert {name: request[name] for name in expected} == expected
