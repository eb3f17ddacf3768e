"""Replies of this dialect: JSON-LD with IRIs, or plain JSON where the request asks for it."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel

from services.gateway.dialects.common import dialect
from services.gateway.dialects.common.dialect import JSON, Answer, Call, Operation, Parameter, Reply
from services.gateway.dialects.common.fields import skip
from shared.kernel.errors import Invalid

R = TypeVar("R", bound=BaseModel)
JSON_LD = "application/ld+json"
MERGE_PATCH = "application/merge-patch+json"
DEFAULT_LIMIT = 30
MAX_LIMIT = 100
MAX_PAGE = 10_000
MAX_ACCEPT = 1_000
_PREFERENCE = re.compile(r"([\w*]+/[\w.+*-]+)(?:[^,]*?;\s*q=([01](?:\.\d{1,3})?))?")


class Body(dialect.Body):
    """A request body in camelCase; what JSON-LD says about itself (`@id`, `@type`) is passed over."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    @model_validator(mode="before")
    @classmethod
    def _without_keywords(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {name: one for name, one in value.items() if not name.startswith("@")}


class Resource(BaseModel):
    """What has an IRI and a type, which JSON-LD shows."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=True)

    # Plain JSON has neither, so the description must not require them.
    iri: str = Field("", alias="@id")
    kind: str = Field("", alias="@type")


class View(BaseModel):
    """Which part of the collection this is, and where the others are."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    iri: str = Field(alias="@id")
    kind: str = Field("PartialCollectionView", alias="@type")
    first: str
    last: str | None = Field(None, exclude_if=lambda value: value is None)
    previous: str | None = Field(None, exclude_if=lambda value: value is None)
    next: str | None = Field(None, exclude_if=lambda value: value is None)


class Collection(BaseModel, Generic[R]):
    """A collection in JSON-LD."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=True)

    context: str = Field(alias="@context")
    iri: str = Field(alias="@id")
    kind: str = Field("Collection", alias="@type")
    total_items: int | None = None
    member: list[R]
    view: View | None = None


class Plain(RootModel[list[R]], Generic[R]):
    """A collection in plain JSON."""


def _as_text(value: Any) -> Any:
    return format(value, "f") if isinstance(value, Decimal) else str(value) if type(value) is int else value


# Decimals are text; a number is taken as the text that it was.
DecimalText = Annotated[str, BeforeValidator(_as_text)]
Iri = Annotated[str, WithJsonSchema({"type": "string", "format": "iri-reference"})]
PAGING = (
    Parameter("page", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 1}, "Which page."),
    Parameter(
        "itemsPerPage",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        "How many a page.",
    ),
)


def iri(call: Call, collection: str, key: Any) -> str:
    """The address of one resource, as relations name it."""
    return f"{call.base}/{collection}/{key}"


def named(call: Call, resource: str, collection: str, key: Any) -> dict[str, str]:
    """The IRI and the type of a resource."""
    return {"iri": iri(call, collection, key), "kind": resource}


def id_of(value: Any, collection: str, field: str) -> str:
    """The id in an IRI of this collection, or standing bare; raises Invalid naming the field."""
    text = value.get("@id") if isinstance(value, Mapping) else value
    found = re.fullmatch(
        rf"(?:\S*/{collection}/)?([0-9a-fA-F-]{{32,36}})", text if isinstance(text, str) else ""
    )
    try:
        return str(UUID(found[1] if found else ""))
    except ValueError:
        raise Invalid(f"It must be an IRI such as /{collection}/<id>.", field=field) from None


def filter_of(call: Call, name: str, collection: str) -> list[tuple[str, str | int]]:
    """Our query for a relation that the list is filtered by."""
    value = call.one(name)
    return [(f"{name}_id", id_of(value, collection, name))] if value else []


def part_of_list(call: Call) -> list[tuple[str, str | int]]:
    """Our query parameters for the page that is asked for."""
    page, limit = _part(call)
    return [("limit", limit), skip((page - 1) * limit), ("include", "exact_total")]


def reply_with(call: Call, resource: Resource, status: int = 200) -> Reply:
    """One resource, in the form that the request asks for."""
    body = resource.model_dump(by_alias=True)
    if _is_plain(call):
        return Reply(status, _without_keywords(body))
    context = {"@context": iri(call, "contexts", resource.kind)}
    return Reply(status, context | body, {"content-type": JSON_LD})


def listed(
    call: Call, path: str, kind: str, members: Sequence[BaseModel], ours: Answer | None, *, status: int = 200
) -> Reply:
    """A collection, in the form that the request asks for; `ours` tells how much more there is."""
    shown = [member.model_dump(by_alias=True) for member in members]
    if _is_plain(call):
        return Reply(status, [_without_keywords(one) for one in shown])
    meta = ours.body["meta"] if ours else {"total": len(members)}
    body = Collection[Any](
        context=iri(call, "contexts", kind),
        iri=call.base + path,
        total_items=meta.get("total"),
        member=[],
        view=_view(call, path, meta) if ours else None,
    ).model_dump(by_alias=True, exclude_none=True)
    return Reply(status, body | {"member": shown}, {"content-type": JSON_LD})


def one_of(model: type[BaseModel]) -> dict[str, Any]:
    """An operation's replies that are one resource."""
    return {"replies": {JSON_LD: model, JSON: model}}


def many_of(model: type[BaseModel]) -> dict[str, Any]:
    """An operation's replies that are a collection."""
    return {"replies": {JSON_LD: Collection[model], JSON: Plain[model]}}  # type: ignore[valid-type]


def patching(request: type[BaseModel], example: Any) -> dict[str, Any]:
    """An operation's request that is a merge patch (RFC 7396)."""
    return {"request": request, "request_media": (MERGE_PATCH, JSON), "example": example}


def posting(request: type[BaseModel], example: Any) -> dict[str, Any]:
    """An operation's request that creates."""
    return {"request": request, "request_media": (JSON_LD, JSON), "example": example}


def renaming(names: Mapping[str, str]) -> Callable[[str], str]:
    """How a pointer into our body is called in theirs: by these names, or else in camelCase."""
    return lambda pointer: "/".join(names.get(part, to_camel(part)) for part in pointer.split("/"))


def operations(tag: str, *made: tuple[Any, ...], has_etag: bool = True) -> tuple[Operation, ...]:
    """Operations of one tag from (name, method, path, summary, translation, the rest)."""
    return tuple(
        Operation(name, method, path, tag, summary, translate, **more, has_etag=has_etag)
        for name, method, path, summary, translate, more in made
    )


def _part(call: Call) -> tuple[int, int]:
    page = call.one_number("page", 1, 1, MAX_PAGE)
    return page, call.one_number("itemsPerPage", DEFAULT_LIMIT, 1, MAX_LIMIT)


def _view(call: Call, path: str, meta: Mapping[str, Any]) -> View:
    page, limit = _part(call)
    total = meta.get("total")
    last = None if total is None else max(1, -(-total // limit))

    def at(number: int | None) -> str | None:
        if number is None:
            return None
        query = [(name, value) for name, values in call.query.items() for value in values if name != "page"]
        return f"{call.base}{path}?{urlencode([*query, ('page', number)])}"

    return View(
        iri=at(page) or "",
        first=at(1) or "",
        last=at(last),
        previous=at(page - 1 if page > 1 else None),
        next=at(page + 1 if meta.get("next_cursor") else None),
    )


def _is_plain(call: Call) -> bool:
    """Whether the Accept header likes plain JSON better than JSON-LD; JSON-LD where it does not say."""
    given = [
        (name.lower(), Decimal(quality or 1))
        for name, quality in _PREFERENCE.findall(call.headers.get("accept", "")[:MAX_ACCEPT])
    ]

    def liking(media: str) -> tuple[Decimal, int]:
        # What is named counts before what a wildcard covers (RFC 9110 12.5.1).
        for specificity, name in ((2, media), (1, "application/*"), (0, "*/*")):
            for found, quality in given:
                if found == name:
                    return quality, specificity
        return Decimal(0), 0

    return liking(JSON) > liking(JSON_LD)


def _without_keywords(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_keywords(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_keywords(one) for name, one in value.items() if not name.startswith("@")}
