"""No binary fractions near money."""

from pathlib import Path

import pytest

from deploy.lint import money
from tests.contract.planting import ROOT, a_copy, plant

BINARY_FRACTIONS = [
    ("shared/kernel/money.py", "x = float('1.1')"),
    ("shared/kernel/money.py", "x = isinstance(float(1), int)"),
    ("services/payment/settings.py", "share: float = 1"),
    ("shared/kernel/money.py", "def f(amount: float) -> int: ..."),
    ("shared/kernel/money.py", "def f(amount: 'float | None') -> int: ..."),
    ("shared/kernel/money.py", "def f() -> 'float': ..."),
    ("shared/events/payment.py", "class X:\n    amount: list[float] = []"),
    ("services/invoice/lines/domain/totals.py", "x = round(1)"),
    ("services/invoice/lines/domain/totals.py", "x = map(float, [])"),
    ("services/invoice/lines/domain/totals.py", "VAT = 0.21"),
    ("services/invoice/invoices/operations/invoices.py", "x = 100 * 1e-2"),
    ("services/invoice/invoices/repository/invoices.py", "x = float(1)"),
    ("services/invoice/invoices/api/routes.py", "x = float(1)"),
    ("services/invoice/metrics.py", "x = float(1)"),
    ("services/payment/sandbox/providers/sandbox.py", "x = float(1)"),
    ("services/payment/receivables/consumers/invoice.py", "x = round(1)"),
    ("services/gateway/dialects/paydock/invoices.py", "x = float(1)"),
    ("services/gateway/dialects/money.py", "x = float(1)"),
    ("services/subscription_renewal/subscriptions/domain/proration.py", "x = round(1)"),
]
ELSEWHERE = [
    ("shared/runtime/worker.py", "def f(seconds: float) -> float:\n    return round(seconds * 0.5)"),
    ("services/payment/settings.py", "poll_seconds: float = 0.5"),
    ("services/payment/collections/repository/leases.py", "def claim(tx, lease_seconds: float) -> None: ..."),
    ("services/payment/payments/domain/body.py", "if isinstance(value, bool | float):\n    raise ValueError"),
    ("services/webhook_delivery/deliveries/workers/deliverer.py", "timeout: float = 0.5"),
    ("shared/kernel/money.py", "'''A float(1) in a text is no float.'''"),
]


def test_no_money_module_knows_float_or_round() -> None:
    assert money.faults(ROOT) == []


@pytest.mark.parametrize("path, text", BINARY_FRACTIONS)
def test_a_binary_fraction_near_money_is_found(tmp_path: Path, path: str, text: str) -> None:
    root = a_copy(tmp_path)

    plant(root, path, text)

    assert any(fault.startswith(f"{path}:") for fault in money.faults(root))


@pytest.mark.parametrize("path, text", ELSEWHERE)
def test_seconds_and_texts_may_be_what_they_are(tmp_path: Path, path: str, text: str) -> None:
    plant(tmp_path, path, text)

    assert money.faults(tmp_path) == []
