"""Where the sandbox provider keeps what it knows: inside the payment service a table, in tests a file."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeAlias

Document: TypeAlias = dict[str, Any]


class Page(Protocol):
    """The documents of one account within one transaction."""

    async def get(self, kind: str, key: str) -> Document | None:
        """The document with this key."""

    async def find(self, kind: str, group: str | None = None) -> list[Document]:
        """The documents of this kind, or of one group of it, in the order in which they were first put."""

    async def put(self, kind: str, key: str, document: Document, group: str = "") -> None:
        """Store the document."""

    async def drop(self, kind: str) -> None:
        """Forget all documents of this kind."""


class SandboxStore(Protocol):
    """All accounts' documents."""

    def open(self, account: str) -> AbstractAsyncContextManager[Page]:
        """One transaction on an account: it has the account to itself and commits at the end."""
