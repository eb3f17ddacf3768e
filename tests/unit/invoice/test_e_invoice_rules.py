"""E-invoices: their states, their addresses and the rule sets they are validated by."""

import asyncio
import hashlib
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from services.invoice.common.domain import electronic_address as addresses
from services.invoice.common.domain.electronic_address import NoSuchAddress, Participant
from services.invoice.e_invoices.domain import e_invoice as rules
from services.invoice.e_invoices.domain.e_invoice import (
    MOVES,
    EInvoice,
    EInvoiceDocument,
    EInvoiceStatus,
    StepDelays,
)
from services.invoice.e_invoices.providers.storecove_schemes import scheme_of
from services.invoice.e_invoices.rendering import ubl
from services.invoice.e_invoices.validation.process import ValidationProcess, ValidationUnavailable
from services.invoice.e_invoices.validation.rule_sets import (
    BUNDLED,
    PACKED,
    bundled,
    content,
    end_of,
    rule_set,
    superseded_on,
)
from shared.events.e_invoice import EInvoiceFailure
from shared.kernel.errors import IllegalMove
from shared.kernel.ids import new_id
from shared.kernel.leased_work import delay_after
from tests.unit.invoice.papers import a_computed_paper

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def an_e_invoice() -> EInvoice:
    """One that is queued."""
    document = EInvoiceDocument(b"<xml/>", "ab" * 32, "ubl", new_id(), None, "2026-00042", "rules 1")
    sender, receiver = Participant("0106", "12345678"), Participant("0208", "0403170701")
    return rules.new_e_invoice(new_id(), document, (sender, receiver), "sandbox", NOW)


def test_every_move_that_the_table_has_is_told_and_every_other_is_refused() -> None:
    for before in EInvoiceStatus:
        for after in EInvoiceStatus:
            e_invoice = rules.replace(an_e_invoice(), status=before)
            if after in MOVES[before]:
                moved = rules.move(e_invoice, after, NOW)
                assert (moved.version, moved.history[-1].status) == (2, after.value)
            else:
                with pytest.raises(IllegalMove):
                    rules.move(e_invoice, after, NOW)


def test_each_state_can_be_reached_and_nothing_leaves_a_final_one() -> None:
    reached, border = {EInvoiceStatus.QUEUED}, {EInvoiceStatus.QUEUED}
    while border:
        border = {after for before in border for after in MOVES[before]} - reached
        reached |= border

    assert reached == set(EInvoiceStatus)
    assert {status for status in EInvoiceStatus if not MOVES[status]} == {
        EInvoiceStatus.INVALID,
        EInvoiceStatus.REJECTED,
        EInvoiceStatus.PAID,
        EInvoiceStatus.REFUSED,
    }


def test_a_walk_is_told_with_its_dates_and_its_failure() -> None:
    walk = [EInvoiceStatus.SUBMITTED, EInvoiceStatus.ACCEPTED]
    submitting = rules.begin_submit(an_e_invoice(), NOW)

    lost = rules.move(
        submitting, EInvoiceStatus.UNKNOWN, NOW, EInvoiceFailure(code="no_answer", message="lost")
    )
    found = lost
    for hours, status in enumerate(walk, 1):
        found = rules.move(found, status, NOW + timedelta(hours=hours))

    assert (lost.failure, found.failure) == (EInvoiceFailure(code="no_answer", message="lost"), None)
    assert [state.code for state in found.history] == [None, None, "no_answer", None, None]
    assert (found.submitted_at, found.delivered_at) == (NOW + timedelta(hours=1), NOW + timedelta(hours=2))
    assert all(first.at <= second.at for first, second in pairwise(found.history))
    assert rules.to_snapshot(found).history[-1].status == "accepted"


def test_the_submissions_guid_follows_from_the_e_invoice() -> None:
    one, other = an_e_invoice(), an_e_invoice()

    assert one.submission_guid.version == 5
    assert one.submission_guid != other.submission_guid


def test_delays_are_read_from_their_setting() -> None:
    found = StepDelays.parse("1,5*2", "60", "0.5", "86400*2")

    assert [delay.total_seconds() for delay in found.retries] == [1, 5, 5]
    assert delay_after(found.polls, 0) == timedelta(milliseconds=500)
    assert delay_after(found.lookups, 1) is None
    with pytest.raises(ValueError, match="soon is not"):
        StepDelays.parse("soon", "1", "1", "1")


@pytest.mark.parametrize(
    "address",
    [
        "0106:12345678",
        "0208:0403170701",
        "0192:974760673",
        "0184:DK13585628",
        "0007:5560360793",
        "0002:404833048",
        "0225:404833048",
        "0088:5412345000013",
        "9930:DE136695976",
        "9944:NL123456782B90",
        "0151:51824753556",
    ],
)
def test_an_address_is_read_as_it_is_written(address: str) -> None:
    assert str(addresses.parse(address, "receiver")) == address


@pytest.mark.parametrize(
    "address",
    [
        "12345678",
        "106:12345678",
        "0106:1234567",
        "0208:0403170702",
        "0192:974760674",
        "0088:5412345000014",
        "0002:404833049",
        "9930:DE136695977",
        "0106:",
        "0106:a b\n",
        ":",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(NoSuchAddress):
        addresses.parse(address, "receiver")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("0106:12345678", "NL:KVK"),
        ("9930:DE136695976", "DE:VAT"),
        ("9933:EL094014201", "GR:VAT"),
        ("0225:404833048", "0225"),
    ],
)
def test_schemes_have_their_names_at_storecove(address: str, name: str) -> None:
    scheme, _, identifier = address.partition(":")

    assert scheme_of(Participant(scheme, identifier)) == name


def test_rules_come_from_the_packages_unless_a_folder_has_newer_ones(tmp_path: Path) -> None:
    sheet = tmp_path / "peppol-ubl.xslt"
    sheet.write_bytes(content(BUNDLED / "peppol-ubl.xslt.xz") + b"\n")
    (tmp_path / "VERSION").write_text("peppol-2026.5\n")

    packaged, newer = rule_set("ubl"), rule_set("ubl", tmp_path)

    assert packaged.label.startswith("en16931-ubl 1.3.16 ")
    assert "peppol-ubl 2026.5 " in packaged.label
    assert newer.sheets["peppol-ubl"] == sheet
    assert newer.sheets["en16931-ubl"] == packaged.sheets["en16931-ubl"]
    assert "peppol-ubl peppol-2026.5 " in newer.label
    assert newer.label != packaged.label


def test_the_rules_are_the_files_that_their_jars_hold() -> None:
    others = {"LICENSE", "NOTICE", "EUPL-1.2.txt", "README.md", "rules.json"}
    kept = {path.name.removesuffix(PACKED): path for path in BUNDLED.iterdir() if path.name not in others}

    assert kept.keys() == bundled().keys()
    for name, told in bundled().items():
        assert hashlib.sha256(content(kept[name])).hexdigest() == told["sha256"], name


@pytest.mark.parametrize(
    ("release", "day"),
    [
        ("2026.5", date(2027, 2, 15)),
        ("2026.05", date(2027, 2, 15)),
        ("2026.11", date(2027, 8, 15)),
        ("peppol-2027.5.0", date(2028, 2, 15)),
        ("2026.3", None),
        ("ours", None),
    ],
)
def test_a_release_of_peppol_is_in_force_until_the_one_after_it_is_compulsory(
    release: str, day: date | None
) -> None:
    assert end_of(release) == day


def test_the_bundled_rules_say_when_they_end() -> None:
    ends = superseded_on()

    assert ends is not None
    # Rules of before then were in force when this was written: an update never goes back.
    assert ends >= date(2027, 2, 15)


async def test_the_validation_process_answers_in_turn_and_starts_again_after_its_death() -> None:
    validation = ValidationProcess(timeout_seconds=30)
    fine = ubl.write(a_computed_paper())
    wrong = fine.replace(b">121.00<", b">121.01<")

    first, second = await asyncio.gather(validation.findings(fine, "ubl"), validation.findings(wrong, "ubl"))
    process: Any = validation._process
    process.kill()
    remembered = await validation.findings(wrong, "ubl")
    other = fine.replace(b"2026-00042", b"2026-00043")
    with pytest.raises(ValidationUnavailable):
        await validation.findings(other, "ubl")
    again = await validation.findings(other, "ubl")
    await validation.close()

    assert (first, again, remembered) == ([], [], second)
    assert "BR-CO-15" in {found.rule for found in second}
    assert process.returncode is not None


def test_the_namespace_of_guids_never_changes() -> None:
    # Another would make every repetition of what is under way a new submission.
    assert str(rules._SUBMISSIONS) == "6f1c2d64-0d0c-5e0b-9a53-6f9b2b1f6c10"
