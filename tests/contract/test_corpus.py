"""One example of every event version ever released: today's code must read them all.

The files are frozen: a new version of an event gets a new file beside the old one, and so do fields that
were added to a version (`invoice.issued.v1.supply.json`).
"""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from shared.events.event import Event, decode
from shared.events.registry import EVENTS

CORPUS = Path(__file__).parent / "corpus"
SCHEMAS = Path(__file__).parents[2] / "schemas" / "events"
FILES = sorted(path.name for path in CORPUS.glob("*.json"))


def _decoded(name: str, text: bytes) -> Event:
    return decode(name.rpartition(".v")[0], text)


def test_every_event_has_an_example_of_its_version() -> None:
    wanted = {f"{type_}.v{event.schema_version}.json" for type_, event in EVENTS.items()}

    assert sorted(wanted - set(FILES)) == [], "put one event of the new type, as published, into the corpus"


@pytest.mark.parametrize("name", FILES)
def test_an_event_of_the_corpus_is_read_by_the_code_of_today(name: str) -> None:
    text = (CORPUS / name).read_bytes()

    event = _decoded(name, text)

    said = json.loads(text)
    assert (event.type, str(event.id)) == (said["type"], said["id"])
    assert str(event.sequence) == said["sequence"]
    assert event.data.id is not None


@pytest.mark.parametrize("name", FILES)
def test_an_event_of_the_corpus_keeps_every_value_when_it_is_written_again(name: str) -> None:
    text = (CORPUS / name).read_bytes()

    again = json.loads(_decoded(name, text).encode())

    assert _kept(json.loads(text)["data"], again["data"])


@pytest.mark.parametrize("name", FILES)
def test_an_event_of_the_corpus_follows_its_schema(name: str) -> None:
    type_, _, rest = name.rpartition(".v")
    schema = {"$ref": (SCHEMAS / f"{type_}.v{rest.partition('.')[0]}.json").as_uri()}

    # The files refer to one another by their places, as any reader finds them.
    validator = Draft202012Validator(schema, registry=Registry(retrieve=_file))

    validator.validate(json.loads((CORPUS / name).read_text()))


def _file(uri: str) -> Resource[Any]:
    text = Path(uri.removeprefix("file://")).read_text()
    return Resource.from_contents(json.loads(text), default_specification=DRAFT202012)


@pytest.mark.parametrize("name", FILES)
def test_an_event_without_a_needed_field_is_not_read(name: str) -> None:
    said = json.loads((CORPUS / name).read_text())
    del said["data"]["id"]

    with pytest.raises(ValidationError, match="id"):
        _decoded(name, json.dumps(said).encode())


def _kept(before: object, after: object) -> bool:
    """Whether `after` says at least what `before` said; it may have fields more."""
    if isinstance(before, dict) and isinstance(after, dict):
        return all(name in after and _kept(value, after[name]) for name, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_kept, before, after))
    return before == after
