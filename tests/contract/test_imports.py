"""Which part of the code may import which: the contracts of `.importlinter`, each of which finds a fault."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.planting import ROOT, a_copy, plant

INVOICE, PAYMENT = "services.invoice", "services.payment"
# Where a line is planted, and what it imports against the contracts.
FAULTS = [
    ("shared.kernel.ids", "shared.events.event"),
    ("shared.kernel.moves", "asyncio"),
    ("shared.events.fields", "shared.http.body"),
    ("shared.postgres.pool", "shared.messaging.outbox"),
    ("shared.messaging.inbox", "shared.http.app"),
    ("shared.runtime.worker", "deploy.local.ports"),
    ("shared.runtime.worker", "shared.testing.eventually"),
    ("shared.http.body", f"{INVOICE}.main"),
    (f"{INVOICE}.lines.domain.line", f"{INVOICE}.invoices.repository.invoices"),
    (f"{INVOICE}.lines.domain.line", "shared.postgres.pool"),
    (f"{INVOICE}.lines.domain.line", "asyncpg"),
    (f"{INVOICE}.products.repository", f"{INVOICE}.products.operations"),
    (f"{INVOICE}.products.repository", "shared.messaging.outbox"),
    (f"{INVOICE}.products.operations", f"{INVOICE}.products.api"),
    (f"{INVOICE}.products.operations", "shared.http.body"),
    (f"{INVOICE}.products.operations", "shared.postgres.transaction"),
    (f"{INVOICE}.products.api", "shared.runtime.worker"),
    (f"{INVOICE}.products.api", f"{PAYMENT}.payments.domain.payment"),
    (f"{INVOICE}.products.api", "shared.postgres.migrate"),
    (f"{INVOICE}.documents.rendering.pdf", "shared.postgres.pool"),
    (f"{INVOICE}.sandbox.access_point", f"{INVOICE}.e_invoices.operations.e_invoices"),
    (f"{INVOICE}.invoices.operations.issuing", f"{INVOICE}.sending.domain.delivery"),
    (f"{INVOICE}.lines.domain.line", f"{INVOICE}.invoices.domain.invoice"),
    (
        "services.subscription_renewal.copies.operations",
        "services.subscription_renewal.dunning.domain.campaign",
    ),
    ("services.gateway.keys.operations", "services.gateway.console.operations"),
    (f"{INVOICE}.settings", "shared.postgres.pool"),
    (f"{INVOICE}.main", "services.gateway.settings"),
    (f"{PAYMENT}.providers.provider", f"{PAYMENT}.payments.repository.payments"),
    ("services.gateway.dialects.paydock.invoices", "services.gateway.keys.repository"),
    ("services.gateway.edge.limits", "shared.runtime.worker"),
]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says of a copy of the code in which each fault is planted."""
    root = a_copy(tmp_path_factory.mktemp("imports"))
    shutil.copy(ROOT / ".importlinter", root)
    for place, target in FAULTS:
        plant(root, f"{place.replace('.', '/')}.py", f"def planted():\n    import {target}")
    (root / "services/webhook_delivery/planted").mkdir()
    (root / "services/webhook_delivery/planted/__init__.py").touch()
    return " ".join(_lint(root).stdout.split())


def test_every_import_keeps_the_contracts() -> None:
    result = _lint(ROOT)

    assert result.returncode == 0, result.stdout
    assert "Contracts: 0 kept" not in result.stdout


@pytest.mark.parametrize("place, target", FAULTS)
def test_an_import_against_them_is_found(planted: str, place: str, target: str) -> None:
    assert f"{place} -> {target} " in planted


def test_a_resource_without_a_place_is_found(planted: str) -> None:
    assert "not listed as layers: - services.webhook_delivery.planted" in planted


def _lint(root: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [program, "--no-cache", "--no-logo"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
