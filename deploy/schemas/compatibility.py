"""What may change in a released event: fields may be added, words where readers are told so; nothing else.

"Breaking" is what a reader of ours fails at: one of the release at events of today, or one of today at events
of the release.
"""

from collections.abc import Iterator
from typing import Any

from deploy.schemas.events import EXTENSIBLE

# Words that tell people something; all others decide what passes.
_ABOUT = {"$schema", "$id", "$defs", "title", "description", "examples", "default"}
_COMPARED = {"properties", "required", "enum", "const", "items", "anyOf", "additionalProperties", EXTENSIBLE}


def breaking(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What in `new` breaks readers of `old` or refuses events that followed `old`; paths are JSON paths."""
    return list(dict.fromkeys(_compare("$", _resolved(old, old), _resolved(new, new), old, new)))


def _compare(path: str, old: Any, new: Any, old_root: Any, new_root: Any) -> Iterator[str]:
    if _alternatives(old, old_root) != _alternatives(new, new_root):
        before, after = _alternatives(old, old_root), _alternatives(new, new_root)
        yield f"{path}: its type changed from {_named(before)} to {_named(after)}"
        return
    yield from _compare_values(path, old, new)
    yield from _compare_fields(path, old, new, old_root, new_root)
    for child in ("items", "additionalProperties"):
        if isinstance(old.get(child), dict):
            pair = _resolved(old[child], old_root), _resolved(new.get(child), new_root)
            yield from _compare(f"{path}[]", *pair, old_root, new_root)
    for word in sorted((set(old) | set(new)) - _ABOUT - _COMPARED):
        if old.get(word) != new.get(word):
            yield f"{path}: {word} changed from {old.get(word)} to {new.get(word)}"
    yield from _compare_branches(path, old, new, old_root, new_root)


def _compare_values(path: str, old: Any, new: Any) -> Iterator[str]:
    before, after = _values(old), _values(new)
    is_open = EXTENSIBLE in old
    if before and is_open and after and EXTENSIBLE not in new:
        yield f"{path}: its readers no longer take words that they do not know"
    if after and not before:
        yield f"{path}: only {_listed(after)} are left"
    elif before and not after and not is_open:
        yield f"{path}: its values {_listed(before)} are no longer the only ones"
    elif after and before - after:
        yield f"{path}: the values {_listed(before - after)} are gone"
    elif after - before and not is_open:
        yield f"{path}: readers of the release know only {_listed(before)}, and not {_listed(after - before)}"


def _listed(words: set[Any]) -> list[str]:
    return sorted(map(str, words))


def _compare_fields(path: str, old: Any, new: Any, old_root: Any, new_root: Any) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_after = set(old.get("required", [])), set(new.get("required", []))
    for name, field in before.items():
        if name not in after:
            yield f"{path}.{name}: the field is gone"
            continue
        pair = _resolved(field, old_root), _resolved(after[name], new_root)
        yield from _compare(f"{path}.{name}", *pair, old_root, new_root)
    for name in sorted(needed_after - needed_before):
        yield f"{path}.{name}: the field became required, and released events lack it"
    for name in sorted(needed_before - needed_after):
        yield f"{path}.{name}: the field may now be missing"


def _compare_branches(path: str, old: Any, new: Any, old_root: Any, new_root: Any) -> Iterator[str]:
    befores, afters = _branches(old, old_root), _branches(new, new_root)
    if len(befores) != len(afters):
        yield f"{path}: its alternatives are put together in another way"
        return
    for before, after in zip(befores, afters, strict=True):
        yield from _compare(path, before, after, old_root, new_root)


def _branches(schema: Any, root: Any) -> list[Any]:
    return [_resolved(branch, root) for branch in schema.get("anyOf", [])]


def _alternatives(schema: Any, root: Any) -> list[str]:
    """The JSON types that pass; `["string", "null"]` and `anyOf` say the same."""
    if "anyOf" in schema:
        return [name for branch in _branches(schema, root) for name in _alternatives(branch, root)]
    kind = schema.get("type", "string" if isinstance(schema.get("const"), str) else "anything")
    return sorted(kind) if isinstance(kind, list) else [kind]


def _values(schema: Any) -> set[Any]:
    return {schema["const"]} if "const" in schema else set(schema.get("enum", []))


def _named(alternatives: list[str]) -> str:
    return " or ".join(alternatives)


def _resolved(schema: Any, root: Any) -> Any:
    if not isinstance(schema, dict):
        return {}
    if "$ref" in schema:
        return root["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema
