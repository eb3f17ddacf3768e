"""Query parameters: what a route does not know is refused, since an ignored filter looks like an answer."""

import re
from collections.abc import Callable, Coroutine, Iterable, Iterator
from difflib import get_close_matches
from functools import cached_property
from typing import Any, get_args
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute

from shared.kernel import text as texts
from shared.kernel.errors import FieldError, Invalid

# What pydantic would take besides: underscores, blanks, and digits of every script.
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")


def searched(fields: str) -> str:
    """What `q` of a list finds, in OpenAPI's words."""
    return (
        f"Words, each of which begins one of {fields}, whatever case and accents; digits also end one: "
        "`42` finds INV-2026-00042. What has neither letters nor digits is found as it stands."
    )


def unknown(names: Iterable[str], known: Iterable[str]) -> Iterator[FieldError]:
    """A fault for each name that is not known, with the nearest that is."""
    every = sorted(known)
    for name in names:
        if name not in every:
            nearest = get_close_matches(name, every, 1, 0.6)
            hint = f"did you mean {nearest[0]}?" if nearest else f"known: {', '.join(every) or 'none'}"
            yield FieldError(name, f"is no query parameter of this route; {hint}")


def unprintable(parameters: Iterable[tuple[str, str]]) -> Iterator[FieldError]:
    """A fault for each parameter whose name or value holds a character that nothing could be found by."""
    for name, value in parameters:
        if texts.holds_forbidden(name) or texts.holds_forbidden(value):
            yield FieldError("".join(filter(str.isprintable, name)), texts.FAULT)


class Route(APIRoute):
    """A route that is held to the query parameters that it declares; else it raises Invalid.

    Routes that are not described are pages and hooks, to which browsers and providers add words of their own.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            if request.scope["query_string"]:
                parameters_sent = parse_qsl(
                    request.scope["query_string"].decode("latin-1"), keep_blank_values=True
                )
                faults = tuple(self._faults(parameters_sent))
                if faults:
                    raise Invalid(errors=faults)
            return await handle(request)

        return answer

    def _faults(self, parameters_sent: list[tuple[str, str]]) -> Iterator[FieldError]:
        yield from unprintable(parameters_sent)
        if self.include_in_schema:
            yield from unknown(dict(parameters_sent), self._numeric)
        for name, value in parameters_sent:
            if self._numeric.get(name) and not _WHOLE_NUMBER.fullmatch(value):
                yield FieldError(name, "must be a whole number in ASCII digits")

    @cached_property
    def _numeric(self) -> dict[str, bool]:
        """The names of the route's query parameters, and whether each is a whole number."""
        fields = [field for field in get_flat_params(self.dependant) if isinstance(field.field_info, Query)]
        return {field.alias: _is_integer(field.field_info.annotation) for field in fields}


def require_held(router: APIRouter) -> None:
    """Raises TypeError for a described route that passes over query parameters which it does not know."""
    for route in router.routes:
        if not isinstance(route, APIRoute) or isinstance(route, Route):
            continue
        if route.include_in_schema and route.path.startswith("/v1"):
            raise TypeError(f"{route.path} needs the route_class of shared/http/queries.py or one of it")


def _is_integer(annotation: object) -> bool:
    return annotation is int or any(_is_integer(part) for part in get_args(annotation))
