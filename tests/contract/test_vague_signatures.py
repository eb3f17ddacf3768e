"""A signature says what it takes and gives."""

from pathlib import Path

import pytest

from deploy.lint import signatures
from tests.contract.planting import ROOT, plant

DOMAIN = "services/invoice/invoices/domain/totals.py"
VAGUE = [
    (DOMAIN, "def f(value: Any) -> int: ..."),
    (DOMAIN, "def f() -> dict[str, Any]: ..."),
    (DOMAIN, "async def f(*, value: list[Any] | None) -> None: ..."),
    (DOMAIN, "def f(*values: Any) -> None: ..."),
    (DOMAIN, "def f(**options: Any) -> None: ..."),
    (DOMAIN, "def f(value: 'Mapping[str, Any]') -> None: ..."),
    (DOMAIN, "class A:\n    def f(self) -> Any: ..."),
    (DOMAIN, "def f() -> Callable[[], Coroutine[int, str, list[int]] | Any]: ..."),
    ("services/invoice/invoices/repository.py", "def f(row: Any) -> None: ..."),
    ("services/gateway/keys/api.py", "def f() -> Any: ..."),
    ("services/gateway/main.py", "def f() -> Any: ..."),
    ("shared/kernel/money.py", "def f(amount: Any) -> None: ..."),
    ("shared/runtime/logging.py", "def f(_: Any) -> None: ..."),
]
KNOWN_NO_BETTER = [
    (DOMAIN, "def f(value: object) -> Json: ..."),
    (DOMAIN, "def f(call: Callable[[], Coroutine[Any, Any, int]]) -> None: ..."),
    (DOMAIN, "def f() -> int:\n    value: Any = 1\n    return value"),
    ("services/gateway/dialects/paydock/invoices.py", "def f(body: Any) -> Any: ..."),
    ("services/payment/sandbox/providers/sandbox.py", "def f(body: Any) -> Any: ..."),
    ("services/invoice/e_invoices/channels/peppol.py", "def f(body: Any) -> Any: ..."),
    ("shared/messaging/broker.py", "def f(message: Any) -> Any: ..."),
]


@pytest.mark.parametrize("path, text", VAGUE)
def test_a_signature_that_says_any_is_found(tmp_path: Path, path: str, text: str) -> None:
    plant(tmp_path, path, text)

    assert [fault.partition(":")[0] for fault in signatures.faults(tmp_path)] == [path]


@pytest.mark.parametrize("path, text", KNOWN_NO_BETTER)
def test_what_others_decide_may_be_any(tmp_path: Path, path: str, text: str) -> None:
    plant(tmp_path, path, text)

    assert signatures.faults(tmp_path) == []


def test_shared_says_any_only_in_the_files_that_are_listed_with_a_reason() -> None:
    assert [fault for fault in signatures.faults(ROOT) if fault.startswith("shared/")] == []


@pytest.mark.parametrize("path", signatures.HOOKS)
def test_each_file_on_the_list_still_needs_its_place(tmp_path: Path, path: str) -> None:
    plant(tmp_path, path.replace("shared/", "shared/copy/"), (ROOT / path).read_text())

    assert signatures.faults(tmp_path)
