"""What is shared is used by two."""

from pathlib import Path

from deploy.lint import reach
from tests.contract.planting import ROOT, a_copy, plant


def test_every_shared_module_is_reached_from_two_services() -> None:
    assert reach.faults(ROOT) == []


def test_a_module_that_nobody_reaches_is_found(tmp_path: Path) -> None:
    root = a_copy(tmp_path)

    plant(root, "shared/kernel/unused.py", "X = 1")

    assert any(
        fault.startswith("shared.kernel.unused is reached by no service") for fault in reach.faults(root)
    )


def test_a_module_of_one_service_alone_is_found(tmp_path: Path) -> None:
    root = a_copy(tmp_path)

    plant(root, "shared/kernel/lonely.py", "X = 1")
    plant(root, "services/invoice/lines/domain/line.py", "from shared.kernel import lonely")

    assert any("shared.kernel.lonely is reached by ['invoice']" in fault for fault in reach.faults(root))


def test_a_module_that_two_services_reach_over_others_is_good(tmp_path: Path) -> None:
    for service in ("invoice", "payment"):
        plant(tmp_path, f"services/{service}/__init__.py", "")
        plant(tmp_path, f"services/{service}/main.py", "from shared.kernel.first import X")
    plant(tmp_path, "shared/kernel/first.py", "from shared.kernel import second")
    plant(tmp_path, "shared/kernel/second.py", "X = 1")

    assert reach.faults(tmp_path) == []


def test_every_exception_still_exists() -> None:
    for name in reach.ALONE:
        path = ROOT / name.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").exists(), name


def test_a_module_of_a_service_that_its_main_does_not_reach_is_found(tmp_path: Path) -> None:
    root = a_copy(tmp_path)

    plant(root, "services/payment/sandbox/providers/double.py", "X = 1")

    fault = "services.payment.sandbox.providers.double is reached by no main: it is dead, or belongs to tests"
    assert fault in reach.faults(root)
