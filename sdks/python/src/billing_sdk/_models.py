"""What the API answers with: objects that hold the reply as it came."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from billing_sdk import errors

M = TypeVar("M", bound="Model")


@dataclass(frozen=True, slots=True)
class Response:
    """How a reply came."""

    status: int
    headers: Mapping[str, str]
    """With names in small letters."""

    @property
    def request_id(self) -> str | None:
        """Names the request to whoever runs the platform."""
        return self.headers.get("x-request-id")

    @property
    def was_replayed(self) -> bool:
        """Whether the server had done it before, for the same Idempotency-Key."""
        return self.headers.get("idempotent-replayed") == "true"


class Model:
    """An object of the API: `invoice.number`, `invoice["number"]`, `invoice.to_dict()`.

    What this version does not know is kept. Texts are as the API wrote them: decimals keep their digits, words of
    a list may be new ones.
    """

    __slots__ = ("_data", "_response")
    _parts: ClassVar[Mapping[str, str]] = {}
    """The classes of fields that hold objects, or lists of them."""

    _data: dict[str, Any]
    _response: Response | None

    def __init__(self, data: Mapping[str, Any], response: Response | None = None) -> None:
        self._data = dict(data)
        self._response = response

    @property
    def last_response(self) -> Response:
        """How it came; raises ValueError for an object within another."""
        if self._response is None:
            raise ValueError(f"this {type(self).__name__} came within another object")
        return self._response

    def to_dict(self) -> dict[str, Any]:
        """The reply, as plain dicts and lists."""
        return self._data

    def get(self, name: str, otherwise: Any = None) -> Any:
        """A field, or something else where it did not come."""
        return self[name] if name in self._data else otherwise

    # A type checker knows the fields: a name that is none of them is a fault to it.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            try:
                return self[name.removesuffix("_")]
            except KeyError:
                raise AttributeError(f"{type(self).__name__} has no {name}") from None

    def __getitem__(self, name: str) -> Any:
        value = self._data[name]
        part = self._parts.get(name)
        return value if part is None or value is None else _wrap(value, part)

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and type(other) is type(self) and self._data == other._data

    def __hash__(self) -> int:
        return hash((type(self), str(self._data.get("id"))))

    def __repr__(self) -> str:
        # Only what names it: replies hold secrets and people's data.
        name = self._data.get("id")
        return f"<{type(self).__name__} {name}>" if name is not None else f"<{type(self).__name__}>"


def _wrap(value: Any, part: str) -> Any:
    from billing_sdk._generated import models

    kind: type[Model] = getattr(models, part)
    if isinstance(value, list):
        return [kind(one) if isinstance(one, dict) else one for one in value]
    return kind(value) if isinstance(value, dict) else value


def decode(content: bytes) -> Any:
    """JSON whose numbers keep their digits; raises BadReply for anything else."""
    try:
        return json.loads(content, parse_float=Decimal)
    except ValueError as error:
        raise errors.BadReply(f"the reply is no JSON: {error}") from None


def read(kind: type[M], content: bytes, response: Response) -> M:
    """The object that a reply is."""
    data = decode(content)
    if not isinstance(data, dict):
        raise errors.BadReply("the reply is no object")
    return kind(data, response)
