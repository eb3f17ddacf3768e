"""The table of values in the chart's README: every key, its default, and what the schema says of it."""

import json
from collections.abc import Iterator
from typing import Any

BEGIN = "<!-- values: written by `python -m deploy.kubernetes` -->"
Row = tuple[str, Any, str]
END = "<!-- end of values -->"
_HEAD = "| value | default | meaning |\n|---|---|---|\n"


def with_table(text: str, schema: dict[str, Any], values: dict[str, Any]) -> str:
    """The README with the table as it is now; raises ValueError where its place is not marked."""
    before, found, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise ValueError(f"the README has no place for the table: {BEGIN} … {END}")
    rows = "".join(
        f"| `{key}` | {_shown(default)} | {words} |\n" for key, default, words in _rows(schema, values)
    )
    return f"{before}{BEGIN}\n{_HEAD}{rows}{END}{after}"


def _rows(schema: dict[str, Any], values: dict[str, Any]) -> Iterator[Row]:
    for name, part in schema["properties"].items():
        if name == "settings":
            for whose, settings in _resolved(schema, part)["properties"].items():
                yield f"settings.{whose}", values["settings"].get(whose), settings["description"]
        elif name == "defaults":
            yield from _of_workloads(schema, values["defaults"]["every"])
        elif name == "workloads":
            yield "workloads.<name>", None, "The same keys, for one workload."
        else:
            yield from _below(schema, part, name, values.get(name))


def _of_workloads(schema: dict[str, Any], defaults: dict[str, Any]) -> Iterator[Row]:
    words = "Of every workload; `defaults.api`, `defaults.worker` and `defaults.all` go over it."
    yield "defaults.every", None, words
    for name, part in schema["$defs"]["workload"]["properties"].items():
        yield from _below(schema, part, f"defaults.every.{name}", defaults.get(name))


def _below(schema: dict[str, Any], part: dict[str, Any], path: str, value: Any) -> Iterator[Row]:
    whole = _resolved(schema, part)
    if properties := whole.get("properties"):
        for name, inner in properties.items():
            yield from _below(schema, inner, f"{path}.{name}", (value or {}).get(name))
    else:
        yield path, value, _words(whole)


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    reference = part.get("$ref", "")
    target = schema["$defs"][reference.rpartition("/")[2]] if reference else {}
    return {**target, **{key: value for key, value in part.items() if key != "$ref"}}


def _words(part: dict[str, Any]) -> str:
    choices = f" One of {', '.join(f'`{one}`' for one in part['enum'])}." if "enum" in part else ""
    return f"{part.get('description', '')}{choices}".strip()


def _shown(value: Any) -> str:
    text = "" if value in (None, "", [], {}) else json.dumps(value, ensure_ascii=False).strip('"')
    return f"`{text}`" if text and len(text) <= 60 else "see values.yaml" if text else ""
