"""One word, one meaning."""

from pathlib import Path

import pytest

from deploy.lint import words
from tests.contract.planting import plant

TOTALS = "services/invoice/invoices/domain/totals.py"


def test_a_class_name_of_two_meanings_in_a_service_is_found(tmp_path: Path) -> None:
    plant(tmp_path, "services/invoice/invoices/domain/status.py", "class Status: ...")
    plant(tmp_path, "services/invoice/quotes/domain/status.py", "class Status: ...")

    assert words.faults(tmp_path) == [
        "services/invoice/quotes/domain/status.py:2: Status is another thing in"
        " services/invoice/invoices/domain/status.py"
    ]


@pytest.mark.parametrize(
    "first, second, name",
    [
        # Each service has a language of its own, and so has each dialect.
        ("services/invoice/invoices/domain/status.py", "services/payment/refunds/domain/status.py", "Status"),
        (
            "services/gateway/dialects/paydock/status.py",
            "services/gateway/dialects/chargely/status.py",
            "Status",
        ),
        ("services/gateway/dialects/paydock/status.py", "services/gateway/keys/domain/status.py", "Status"),
        # Rows of which list: the module says it.
        ("services/invoice/invoices/repository.py", "services/invoice/quotes/repository.py", "Filter"),
        # What a module keeps to itself nobody else reads.
        ("services/invoice/invoices/repository.py", "services/invoice/quotes/repository.py", "_Status"),
    ],
)
def test_a_name_may_stand_twice_where_nobody_takes_one_for_the_other(
    tmp_path: Path, first: str, second: str, name: str
) -> None:
    plant(tmp_path, first, f"class {name}: ...")
    plant(tmp_path, second, f"class {name}: ...")

    assert words.faults(tmp_path) == []


@pytest.mark.parametrize("name", words.REPLACED)
def test_a_word_that_was_replaced_is_found(tmp_path: Path, name: str) -> None:
    plant(tmp_path, TOTALS, f"class {name}: ...")

    assert words.faults(tmp_path) == [f"{TOTALS}:2: {name}: say {words.REPLACED[name]}"]


@pytest.mark.parametrize(
    "text", ["def issued(): ...", "async def _sealed(): ...", "class A:\n    def told(self): ..."]
)
def test_a_function_that_is_no_verb_is_found(tmp_path: Path, text: str) -> None:
    plant(tmp_path, TOTALS, text)

    assert [fault.endswith("() is no verb") for fault in words.faults(tmp_path)] == [True]


@pytest.mark.parametrize("text", ["def issue(): ...", "def is_issued(): ...", "def has_settled(): ..."])
def test_verbs_and_predicates_are_let_pass(tmp_path: Path, text: str) -> None:
    plant(tmp_path, TOTALS, text)

    assert words.faults(tmp_path) == []


@pytest.mark.parametrize(
    "docstring",
    ["HTTP in: contacts.", "SQL of contacts.", "State changes of contacts.", "Kafka in: invoices."],
)
def test_a_docstring_that_says_the_folder_again_is_found(tmp_path: Path, docstring: str) -> None:
    plant(tmp_path, TOTALS, f'"""{docstring}"""')

    assert words.faults(tmp_path) == [f"{TOTALS}:1: this sentence says the folder again"]


def test_a_docstring_that_says_something_is_let_pass(tmp_path: Path) -> None:
    plant(tmp_path, TOTALS, '"""SQL of contacts: who is found by a part of a name or of an address."""')

    assert words.faults(tmp_path) == []
