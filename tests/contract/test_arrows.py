"""The arrows: which part of the code may import which."""

from pathlib import Path

import pytest

from deploy.lint import arrows
from tests.contract.planting import ROOT, a_copy, plant

AGAINST_THE_ARROWS = [
    ("shared/kernel/ids.py", "import shared.events.event", "shared.kernel may not import shared.events"),
    ("shared/events/fields.py", "from shared.http import body", "shared.events may not import shared.http"),
    ("shared/postgres/pool.py", "from shared.messaging import outbox", "may not import shared.messaging"),
    ("shared/messaging/inbox.py", "import shared.http.app", "may not import shared.http.app"),
    ("shared/http/body.py", "from shared.messaging.outbox import record", "may not import shared.messaging"),
    ("shared/http/body.py", "import services.invoice.main", "may not import services.invoice.main"),
    ("shared/runtime/worker.py", "import deploy.local.ports", "shared.runtime may not import deploy"),
    ("shared/runtime/worker.py", "import shared.testing.eventually", "may not import shared.testing"),
    (
        "services/invoice/lines/domain/line.py",
        "from shared.postgres.pool import Connection",
        "shared.postgres",
    ),
    (
        "services/invoice/lines/domain/line.py",
        "import services.invoice.invoices.repository.invoices",
        "repository",
    ),
    ("services/invoice/lines/domain/line.py", "import asyncpg", "is pure and may not import asyncpg"),
    ("services/invoice/products/repository.py", "import services.invoice.products.operations", "operations"),
    ("services/invoice/products/repository.py", "from shared.messaging import outbox", "shared.messaging"),
    ("services/invoice/products/operations.py", "import services.invoice.products.api", "invoice.api"),
    ("services/invoice/products/operations.py", "from shared.http import body", "shared.http"),
    ("services/invoice/products/operations.py", "from shared.postgres import transaction", "shared.postgres"),
    ("services/invoice/products/api.py", "from shared.runtime.worker import Worker", "shared.runtime"),
    (
        "services/invoice/products/api.py",
        "import services.payment.payments.domain.payment",
        "services.payment",
    ),
    ("services/invoice/settings.py", "from shared.kernel import money", "shared.kernel"),
    ("services/invoice/main.py", "import services.gateway.settings", "services.gateway"),
    ("services/invoice/helpers/text.py", "", "in no line of the arrows"),
    ("services/invoice/helpers.py", "X = 1", "in no line of the arrows"),
]


def test_every_import_follows_the_arrows() -> None:
    assert arrows.faults(ROOT) == []


@pytest.mark.parametrize("path, line, expected", AGAINST_THE_ARROWS)
def test_an_import_against_the_arrows_is_found(tmp_path: Path, path: str, line: str, expected: str) -> None:
    root = a_copy(tmp_path)

    plant(root, path, line)

    assert any(path in fault and expected in fault for fault in arrows.faults(root))


def test_an_import_within_a_function_or_for_types_alone_is_found_too(tmp_path: Path) -> None:
    root = a_copy(tmp_path)

    plant(root, "shared/kernel/ids.py", "def hidden():\n    from shared.http import app")
    plant(root, "shared/kernel/clock.py", "if TYPE_CHECKING:\n    from shared.http import app")

    found = [fault for fault in arrows.faults(root) if "may not import shared.http.app" in fault]
    assert len(found) == 2


def test_a_module_belongs_to_the_longest_part_that_the_table_names() -> None:
    assert arrows.part_of("services.gateway.dialects.paydock.invoices") == "services.gateway.dialects"
    assert arrows.part_of("services.payment.upstream") == "services.payment.upstream"
    assert arrows.part_of("shared.kernel.money") == "shared.kernel"
    assert arrows.part_of("tests.contract.planting") == "tests"
    assert arrows.part_of("shared.helpers") is None
