"""The five APIs as they describe themselves: which operation a request is, and what its path names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

# In a path, but nobody's.
NO_IDS = frozenset({"date", "event_type"})
# The platform's own, opened by its admin token alone.
OF_THE_PLATFORM = ("/v1/workspaces",)


@dataclass(frozen=True)
class Operation:
    """One operation of one API; `path` is a template below the API's prefix."""

    api: str
    prefix: str
    method: str
    path: str
    described: Mapping[str, Any] = field(compare=False, hash=False, repr=False)

    @property
    def name(self) -> str:
        """Its method and path, as a person would name it."""
        return f"{self.method} {self.prefix}{self.path}"

    @property
    def key(self) -> str:
        """Its name among its API's examples."""
        return f"{self.method} {self.path}"

    @property
    def names_ids(self) -> bool:
        """Whether its path names things of a workspace."""
        is_ours = self.api == "gateway" and self.path.startswith(OF_THE_PLATFORM)
        return not is_ours and bool(set(self.pattern.groupindex) - NO_IDS)

    def require_known(self, query: Iterable[str]) -> None:
        """Fail where a query has a parameter that is not described: it would be left unread."""
        known = {one["name"] for one in self.described.get("parameters", ()) if one["in"] == "query"}
        assert set(query) <= known, f"{self.name} knows {sorted(known)} alone"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches its paths."""
        return re.compile(re.escape(self.prefix) + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))


@dataclass(frozen=True)
class Apis:
    """All operations of these documents, each by the name and the prefix of its API."""

    operations: tuple[Operation, ...]

    @classmethod
    def of(cls, documents: Mapping[str, tuple[str, Mapping[str, Any]]]) -> "Apis":
        """From each API's prefix and document."""
        return cls(tuple(_operations(documents)))

    def find(self, method: str, path: str) -> Operation:
        """The operation of a request; raises LookupError. Fixed paths come first."""
        found = [one for one in self.operations if one.method == method and one.pattern.fullmatch(path)]
        if not found:
            raise LookupError(f"{method} {path} is described nowhere")
        return min(found, key=lambda one: one.path.count("{"))


def _operations(documents: Mapping[str, tuple[str, Mapping[str, Any]]]) -> Iterator[Operation]:
    for api, (prefix, document) in documents.items():
        for path, operations in document["paths"].items():
            for method, described in operations.items():
                yield Operation(api, prefix, method.upper(), path, described)
