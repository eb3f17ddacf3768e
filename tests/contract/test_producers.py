"""Every event has a producer in the service that its class names, and a row in the table of events."""

from pathlib import Path

from deploy.lint import producers
from shared.events.registry import EVENTS
from tests.contract.planting import ROOT, a_copy, plant

UNMADE = '''
class InvoiceForgotten(Event):
    """An invoice was forgotten."""

    type: ClassVar[str] = "invoice.forgotten"
    source: ClassVar[str] = "/invoice"
    data: InvoiceData
'''


def test_every_event_is_made_by_its_source_alone() -> None:
    assert producers.faults(ROOT) == []


def test_the_classes_are_those_that_run() -> None:
    found = {event.type: event.name for event in producers.event_classes(ROOT)}

    assert found == {type_: event.__name__ for type_, event in EVENTS.items()}


def test_every_event_has_a_row_in_the_table() -> None:
    rows = (ROOT / "schemas" / "events.md").read_text().splitlines()

    assert [type_ for type_ in EVENTS if not any(row.startswith(f"| `{type_}` |") for row in rows)] == []


def test_an_event_that_nobody_makes_is_found(tmp_path: Path) -> None:
    root = a_copy(tmp_path)

    plant(root, "shared/events/invoice.py", UNMADE)

    assert "invoice.forgotten: made by nobody, its source is /invoice" in producers.faults(root)


def test_an_event_made_by_another_service_is_found(tmp_path: Path) -> None:
    root = a_copy(tmp_path)

    plant(
        root, "services/payment/payments/operations/payments.py", "made = InvoicePaid.of(workspace_id, data)"
    )

    expected = "invoice.paid: made by ['invoice', 'payment'], its source is /invoice"
    assert expected in producers.faults(root)


def test_an_annotation_and_a_consumer_make_no_event(tmp_path: Path) -> None:
    plant(tmp_path, "shared/events/invoice.py", UNMADE)
    plant(
        tmp_path,
        "services/invoice/invoices/operations/a.py",
        "Heard: TypeAlias = InvoiceForgotten | None\ndef f(event: InvoiceForgotten) -> InvoiceForgotten: ...",
    )
    plant(
        tmp_path,
        "services/invoice/invoices/consumers/a.py",
        "@handlers.on(InvoiceForgotten)\ndef f(tx, event): ...",
    )

    assert producers.faults(tmp_path) == ["invoice.forgotten: made by nobody, its source is /invoice"]
