"""The sandbox provider's book as a file of its own, for the provider as a process of its own."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.payment.sandbox.providers.store import Document, Page

_TABLE = """CREATE TABLE IF NOT EXISTS document (account TEXT, kind TEXT, key TEXT, "group" TEXT, body TEXT,
    position INTEGER PRIMARY KEY, UNIQUE (account, kind, key))"""
_PUT = """INSERT INTO document (account, kind, key, "group", body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (account, kind, key) DO UPDATE SET body = excluded.body"""


class FileStore:
    """A book in an SQLite file; every transaction is on the disk before its end."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(_TABLE)
        self._connection.execute(
            'CREATE INDEX IF NOT EXISTS document_by_group ON document (account, kind, "group")'
        )

    @asynccontextmanager
    async def open(self, account: str) -> AsyncIterator[Page]:
        # Nothing inside waits for anything else, so transactions of this process cannot interleave.
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield _FilePage(self._connection, account)
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class _FilePage:
    def __init__(self, connection: sqlite3.Connection, account: str) -> None:
        self._connection = connection
        self._account = account

    async def get(self, kind: str, key: str) -> Document | None:
        row = self._connection.execute(
            "SELECT body FROM document WHERE account = ? AND kind = ? AND key = ?", (self._account, kind, key)
        ).fetchone()
        return json.loads(row[0]) if row else None

    async def find(self, kind: str, group: str | None = None) -> list[Document]:
        rows = self._connection.execute(
            """SELECT body FROM document WHERE account = ?1 AND kind = ?2 AND (?3 IS NULL OR "group" = ?3)
            ORDER BY position""",
            (self._account, kind, group),
        )
        return [json.loads(row[0]) for row in rows]

    async def put(self, kind: str, key: str, document: Document, group: str = "") -> None:
        self._connection.execute(_PUT, (self._account, kind, key, group, json.dumps(document)))

    async def drop(self, kind: str) -> None:
        self._connection.execute("DELETE FROM document WHERE account = ? AND kind = ?", (self._account, kind))
