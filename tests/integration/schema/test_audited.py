"""What triggers call things is what the audit log can be asked for, and no column of theirs is misspelt."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from services.gateway.audit_log.domain import AUDITED
from tests.conftest import Databases

_ARGUMENTS = re.compile(r"audit_(?:change|new_rows)\('(.*)'\)", re.DOTALL)
# Of a table that a revision of its own makes or drops them.
_ABSENT_OR_NEW = {"headers_encrypted", "headers"}
_TRIGGERS = """
SELECT n.nspname AS service, c.relname AS name, c.oid, t.tgtype, pg_get_triggerdef(t.oid) AS text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE p.proname IN ('audit_change', 'audit_new_rows') AND NOT t.tgisinternal
"""


@pytest.fixture
async def admin(databases: Databases) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(databases.admin_dsn)
    yield connection
    await connection.close()


async def test_the_log_can_be_asked_for_what_triggers_write_and_nothing_else(admin: Any) -> None:
    written: dict[str, dict[str, set[str]]] = {}
    for row in await admin.fetch(_TRIGGERS):
        resource, *_, verbs = _ARGUMENTS.findall(row["text"])[0].split("', '")
        known = written.setdefault(row["service"], {}).setdefault(resource, {"updated"})
        said = json.loads(verbs.replace("''", "'"))
        for words in (*said.values(), *said.get("insert", {}).values()):
            known |= {word for word in words.values() if isinstance(word, str)}
        known |= {"created"} if row["tgtype"] & 4 else set()
        known |= {"deleted"} if row["tgtype"] & 8 else set()

    for service, resources in AUDITED.items():
        assert resources.keys() == written[service].keys(), service
        for resource, verbs in resources.items():
            assert written[service][resource] - {"updated"} <= set(verbs.split()), resource
            assert set(verbs.split()) <= written[service][resource] | {"created", "deleted"}, resource


async def test_every_column_that_is_to_be_shown_or_hidden_is_there(admin: Any) -> None:
    for row in await admin.fetch(_TRIGGERS):
        _, id_column, shown, hidden, _ = _ARGUMENTS.findall(row["text"])[0].split("', '")
        columns = {
            one["attname"]: one["type"]
            for one in await admin.fetch(
                "SELECT attname, atttypid::regtype::text AS type FROM pg_attribute WHERE attrelid = $1",
                row["oid"],
            )
        }
        names = {name for part in (shown, hidden) for name in part.strip("{}").split(",") if name}
        assert {*names, id_column} - columns.keys() <= _ABSENT_OR_NEW, row["name"]
        # Ciphertexts and digests are bytes: none is ever shown.
        assert "bytea" not in {columns.get(name) for name in shown.strip("{}").split(",")}, row["name"]
