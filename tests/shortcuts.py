"""What tests need to work out only once a process, since they start hundreds of services in it.

Private names of FastAPI and httpx are taken here: `tests/contract/test_shortcuts.py` asks the versions that
are installed whether they still mean what is made of them.
"""

import dataclasses
import functools
import gc
import importlib.util
import sys
from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Any

import structlog
from fastapi import routing
from fastapi.datastructures import DefaultPlaceholder
from httpx import _config as httpx_config
from httpx._transports import default as httpx_transports

NOTHING: Mapping[Any, Any] = MappingProxyType({})


def take() -> None:
    """Take all of them; called once, before the first test."""
    _draw_plain_tracebacks()
    _read_authorities_once()
    _work_out_routes_once()
    _compile_grammar_when_asked()
    gc.disable()


def keep_collected() -> None:
    """Of modules and tests nothing is garbage before the end: it is not looked for among them any more."""
    gc.freeze()
    # Tests make much and keep little: looked for less often, garbage costs a thirtieth less of their time.
    gc.set_threshold(20_000, 50, 50)
    gc.enable()


def _draw_plain_tracebacks() -> None:
    # Where rich is installed, structlog's own choice takes a second for a traceback with all its variables.
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


def _read_authorities_once() -> None:
    # Each client of httpx reads the file of all authorities again, 20 ms, and most of them never use it.
    once = functools.cache(httpx_config.create_ssl_context)
    httpx_transports.create_ssl_context = once  # type: ignore[attr-defined]


def _work_out_routes_once() -> None:
    # FastAPI reads the signatures of all routes again for each app that includes their router, 40 to 130 ms.
    context = routing._EffectiveRouteContext
    work_out = context.from_api_route
    known: dict[Any, tuple[Any, Any]] = {}

    def from_api_route(*, original_route: Any, include_context: Any) -> Any:
        key = (id(original_route), *_values(include_context))
        app = include_context.dependency_overrides_provider
        if app is not None and app.dependency_overrides:
            return work_out(original_route=original_route, include_context=include_context)
        if app is not None:
            # From now on another app's would be asked: nobody may believe that this one's are.
            app.dependency_overrides = NOTHING
        if key not in known:
            made = work_out(original_route=original_route, include_context=include_context)
            # Beside the context, that nothing whose id is in the key goes, and gives its id to another.
            known[key] = (made, include_context)
        return known[key][0]

    context.from_api_route = staticmethod(from_api_route)  # type: ignore[method-assign]


def _values(include_context: Any) -> list[Any]:
    """Everything that a route's meaning depends on; not the app, which only replaces dependencies."""
    names = {field.name for field in dataclasses.fields(include_context)} - {"dependency_overrides_provider"}
    return [_value(getattr(include_context, name)) for name in sorted(names)]


def _value(one: Any) -> Any:
    if isinstance(one, list):
        return tuple(map(_value, one))
    if isinstance(one, dict):
        return tuple((name, _value(value)) for name, value in one.items())
    if isinstance(one, DefaultPlaceholder):
        return "default", _value(one.value)
    return one if isinstance(one, str | int | float | None) else id(one)


def _compile_grammar_when_asked(name: str = "rfc3987_syntax") -> None:
    # jsonschema imports it for the formats of IRIs, and it compiles forty grammars, 4 s, before anyone asks.
    if importlib.util.find_spec(name) is None:
        return
    stand_in: Any = ModuleType(name)

    def is_valid_syntax(term: str, value: str) -> bool:
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
        valid: bool = importlib.import_module(name).is_valid_syntax(term, value)
        return valid

    stand_in.is_valid_syntax = is_valid_syntax
    sys.modules[name] = stand_in
