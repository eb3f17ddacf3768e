"""The same names everywhere: `services/<service>/<resource>/<layer>.py`."""

from pathlib import Path

import pytest

from deploy.lint import grammar
from tests.contract.planting import ROOT, a_copy, plant

STRANGE = [
    ("services/invoice/invoices/utils.py", "utils is none of the layers"),
    ("services/invoice/helpers.py", "everything else lies with a resource"),
    ("services/invoice/invoices/helpers/text.py", "helpers is none of the layers"),
    ("services/invoice/invoices/domain/deep/down.py", "too deep"),
    ("services/invoice/invoices/domain/Invoice.py", "small letters"),
    ("services/invoice/migrations/start.sql", "a migration is named"),
    ("services/tools.py", "belongs into a service"),
    ("services/decisions/notes.md", "a decision is named"),
]
GOOD = [
    "services/payment/providers/stripe.py",
    "services/gateway/dialects/paydock/invoices.py",
    "services/gateway/dialects/paydock/README.md",
    "services/gateway/static/swagger/docs.js",
    "services/invoice/invoices/domain/line.py",
    "services/invoice/reminders/workers.py",
    "services/gateway/edge/limits.py",
    "services/gateway/console/README.md",
    "services/invoice/migrations/0002_quotes.sql",
    "services/README.md",
    "services/decisions/0001-outbox-and-kafka.md",
    "services/decisions/README.md",
]


def test_every_path_follows_the_grammar_and_every_service_is_whole() -> None:
    assert grammar.faults(ROOT) == []


@pytest.mark.parametrize("path, expected", STRANGE)
def test_a_strange_path_is_found(tmp_path: Path, path: str, expected: str) -> None:
    root = a_copy(tmp_path, "services")

    plant(root, path, "")

    assert any(fault.startswith(path) and expected in fault for fault in grammar.faults(root))


@pytest.mark.parametrize("path", GOOD)
def test_a_known_path_is_good(tmp_path: Path, path: str) -> None:
    plant(tmp_path, path, "")

    assert grammar.faults(tmp_path) == []


def test_a_service_without_a_readme_is_found(tmp_path: Path) -> None:
    root = a_copy(tmp_path, "services")

    (root / "services/invoice/README.md").unlink(missing_ok=True)

    assert "services/invoice has no README.md" in grammar.faults(root)
