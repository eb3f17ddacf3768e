"""The console offers every scope that some route asks for, and no other."""

import re
from pathlib import Path

from services.gateway.keys.domain import scopes

ROOT = Path(__file__).parents[2]
ASKED_FOR = re.compile(r'\brequire\("([a-z-]+:(?:read|write))"\)')


def test_the_scopes_to_choose_are_those_that_routes_ask_for() -> None:
    sources = (ROOT / "services").rglob("*.py")
    asked_for = {scope for path in sources for scope in ASKED_FOR.findall(path.read_text())}

    assert asked_for == scopes.KNOWN
