"""Each service stands alone, with `shared/` and nothing else beside it."""

import shutil
from pathlib import Path

import pytest

from deploy.lint import standing
from deploy.lint.sources import services
from tests.contract.planting import ROOT, a_copy, plant


@pytest.mark.parametrize("service", services(ROOT))
def test_a_service_can_be_imported_with_shared_alone(service: str, tmp_path: Path) -> None:
    assert standing.fault(ROOT, service, tmp_path) is None


@pytest.mark.parametrize(
    "line, expected",
    [
        ("import services.payment.main", "No module named 'services.payment'"),
        ("import deploy.local.ports", "No module named 'deploy'"),
        ("import os; os.environ['POSTGRES_API_DSN']", "KeyError: 'POSTGRES_API_DSN'"),
        ("make('all')", "does not stand alone"),
    ],
)
def test_a_service_that_needs_more_is_found(tmp_path: Path, line: str, expected: str) -> None:
    root = a_copy(tmp_path / "copy", "shared", "services/subscription_renewal")
    shutil.copy(ROOT / "services" / "__init__.py", root / "services")
    plant(root, "services/subscription_renewal/main.py", line)

    fault = standing.fault(root, "subscription_renewal", tmp_path / "empty")

    assert fault is not None
    assert expected in fault
