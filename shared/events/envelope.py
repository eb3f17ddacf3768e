"""The envelope of a record; its `data` stays as the bytes that were published."""

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json

from shared.events.fields import Instant

_VERSION = re.compile(r"urn:billing:event:(?P<type>.+):v(?P<number>[0-9]{1,9})")
# How our own encoder parts the attributes from the data, which it writes last; no JSON text can hold it.
_BEFORE_DATA = b',"data":'
_SPACE = " \t\n\r"


class Attributes(BaseModel):
    """What stands beside `data`; attributes that nobody knows are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID
    type: str | None = None
    workspace_id: UUID = Field(alias="workspaceid")
    subject: UUID
    sequence: int
    step: int = Field(0, ge=0)
    time: Instant
    traceparent: str | None = None
    actor: str | None = None
    dataschema: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event of any type, also of one that is not known here; `data` is a JSON object in UTF-8."""

    id: UUID
    type: str
    workspace_id: UUID
    subject: UUID
    sequence: int
    step: int
    time: Any
    traceparent: str | None
    dataschema: str | None
    data: bytes
    actor: str | None = None

    @property
    def version(self) -> int:
        """The major version of `data`; 1 where the record names none."""
        found = _VERSION.fullmatch(self.dataschema or "")
        return int(found["number"]) if found else 1


def read(type_: str | None, value: bytes, *, is_data_read_later: bool = False) -> Envelope:
    """The envelope of a record's value; `type_` is what its header says, None: what the record says.

    Raises ValueError (pydantic's ValidationError among them) for what is no event. With `is_data_read_later`
    the caller validates `data` itself, and asks again without it where that fails.
    """
    attributes, data = _parted(value, is_data_read_later) or _picked(value)
    found = type_ or attributes.type
    if not found:
        raise ValueError("the record names no event type")
    return Envelope(
        id=attributes.id,
        type=found,
        workspace_id=attributes.workspace_id,
        subject=attributes.subject,
        sequence=attributes.sequence,
        step=attributes.step,
        time=attributes.time,
        traceparent=attributes.traceparent,
        dataschema=attributes.dataschema,
        data=data,
        actor=attributes.actor,
    )


def _parted(value: bytes, is_data_read_later: bool) -> tuple[Attributes, bytes] | None:
    """As our encoder writes it: the data is last, and only the attributes are read."""
    head, found, rest = value.partition(_BEFORE_DATA)
    data = rest[:-1]
    if not found or rest[-1:] != b"}" or data[:1] != b"{":
        return None
    try:
        if not is_data_read_later:
            from_json(data, allow_inf_nan=False)
        return Attributes.model_validate_json(head + b"}"), data
    except ValueError:
        return None


def _picked(value: bytes) -> tuple[Attributes, bytes]:
    """However another program wrote it: the bytes of the member `data` of the outermost object."""
    attributes = Attributes.model_validate_json(value)
    text = value.decode()
    decoder = json.JSONDecoder()
    place, span = _after_space(text, 0) + 1, (0, 0)
    while text[place := _after_space(text, place)] != "}":
        name, place = decoder.raw_decode(text, place)
        start = _after_space(text, _after_space(text, place) + 1)
        _, place = decoder.raw_decode(text, start)
        if name == "data":
            span = (start, place)
        place = _after_space(text, place)
        place += text[place] == ","
    data = text[slice(*span)].encode()
    if data[:1] != b"{":
        raise ValueError("the event has no object as its data")
    from_json(data, allow_inf_nan=False)
    return attributes, data


def _after_space(text: str, place: int) -> int:
    while text[place] in _SPACE:
        place += 1
    return place
