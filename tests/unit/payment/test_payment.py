"""Where the money of a payment goes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payment.payments.domain.payment import Payment, register, snapshot
from services.payment.payments.domain.registration import (
    AllocatedTwice,
    AllocationsExceedAmount,
    ContactMismatch,
    CurrencyMismatch,
    Registration,
    check,
)
from services.payment.receivables.domain.receivable import (
    Payables,
    Receivable,
    ReceivableClosed,
    ReceivableStatus,
)
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError
from shared.kernel.ids import new_id
from shared.kernel.money import TooManyDecimals, UnknownCurrency
from tests.unit.payment.builders import (
    WORKSPACE,
    a_receivable,
    a_registration,
    for_all_of,
    for_part_of,
)

CONTACT = new_id()
amounts = st.integers(min_value=1, max_value=10**15)


def registered(registration: Registration, *receivables: Receivable) -> tuple[Payment, list[Receivable]]:
    named = [target.invoice_id for target in registration.targets]
    found = {
        receivable.invoice_id: receivable for receivable in receivables if receivable.invoice_id in named
    }
    return register(WORKSPACE, registration, Payables(found, range(1, len(found) + 1)), "EUR", Clock())


def test_an_exact_payment_settles_its_invoice() -> None:
    receivable = a_receivable()

    payment, paid = registered(a_registration(for_all_of(receivable)), receivable)

    assert paid[0].status is ReceivableStatus.SETTLED
    [allocation] = snapshot(payment).allocations
    assert (allocation.amount_minor, allocation.amount_due_minor) == (33900, 0)
    assert (allocation.invoice_amount_paid_minor, allocation.invoice_payment_status) == (33900, "paid")
    assert allocation.receivable_version == receivable.version + 1
    assert payment.unallocated_minor == 0


def test_less_than_the_invoice_settles_a_part() -> None:
    receivable = a_receivable()

    payment, paid = registered(a_registration(for_all_of(receivable), amount_minor=10000), receivable)

    assert paid[0].due_minor == 23900
    assert snapshot(payment).allocations[0].invoice_payment_status == "partially_paid"


def test_more_than_the_invoice_is_left_over() -> None:
    receivable = a_receivable()

    payment, paid = registered(a_registration(for_all_of(receivable), amount_minor=40000), receivable)

    assert paid[0].due_minor == 0
    assert payment.unallocated_minor == 6100


def test_a_settled_invoice_takes_nothing() -> None:
    settled = a_receivable(status=ReceivableStatus.SETTLED, paid_minor=33900)

    payment, paid = registered(a_registration(for_all_of(settled)), settled)

    assert (payment.allocations, paid, payment.unallocated_minor) == ((), [], 33900)


def test_money_for_a_contact_is_all_left_over() -> None:
    payment, paid = registered(a_registration(contact_id=CONTACT, currency="USD"))

    assert (payment.contact_id, payment.currency) == (CONTACT, "USD")
    assert (payment.allocations, paid, payment.unallocated_minor) == ((), [], 33900)


def test_money_for_a_contact_is_in_the_default_currency_where_none_is_given() -> None:
    payment, _ = registered(a_registration(contact_id=CONTACT))

    assert payment.currency == "EUR"


def test_one_payment_settles_many_invoices_and_the_amount_defaults_to_their_sum() -> None:
    first, second = a_receivable(contact_id=CONTACT), a_receivable(contact_id=CONTACT)
    registration = a_registration(for_part_of(first, 33900), for_part_of(second, 100, 1), amount_minor=None)

    payment, paid = registered(registration, first, second)

    assert payment.amount_minor == 34000
    assert [receivable.due_minor for receivable in paid] == [0, 33800]
    assert payment.unallocated_minor == 0


def test_what_an_allocation_has_too_much_does_not_slip_into_the_next_invoice() -> None:
    first, second = a_receivable(contact_id=CONTACT), a_receivable(contact_id=CONTACT)
    registration = a_registration(for_part_of(first, 40000), for_part_of(second, 100, 1), amount_minor=None)

    payment, paid = registered(registration, first, second)

    assert [receivable.paid_minor for receivable in paid] == [33900, 100]
    assert payment.unallocated_minor == 6100


@given(
    totals=st.lists(st.tuples(amounts, st.integers(0, 10**15)), min_size=1, max_size=6),
    wanted=st.lists(amounts, min_size=6, max_size=6),
    extra=st.integers(0, 10**15),
    takes_all=st.booleans(),
)
def test_no_money_is_lost_or_made(
    totals: list[tuple[int, int]], wanted: list[int], extra: int, takes_all: bool
) -> None:
    receivables = [
        a_receivable(contact_id=CONTACT, total_minor=total, paid_minor=min(paid, total - 1))
        for total, paid in totals
    ]
    if takes_all:
        receivables = receivables[:1]
        registration = a_registration(for_all_of(receivables[0]), amount_minor=wanted[0] + extra)
    else:
        targets = [for_part_of(r, wanted[i], i) for i, r in enumerate(receivables)]
        asked = sum(wanted[: len(receivables)])
        registration = a_registration(*targets, amount_minor=asked + extra)

    payment, paid = registered(registration, *receivables)

    allocated = sum(allocation.amount_minor for allocation in payment.allocations)
    assert allocated + payment.unallocated_minor == payment.amount_minor
    before = {receivable.invoice_id: receivable for receivable in receivables}
    for after in paid:
        assert 0 <= after.due_minor < before[after.invoice_id].due_minor
        assert (after.status is ReceivableStatus.SETTLED) == (after.due_minor == 0)
    gained = sum(after.paid_minor - before[after.invoice_id].paid_minor for after in paid)
    assert gained == allocated


@pytest.mark.parametrize(
    ("currency", "amount", "amount_minor"),
    [
        ("EUR", "339", 33900),
        ("EUR", "339.00", 33900),
        ("EUR", "0.01", 1),
        ("JPY", "339", 339),
        ("KWD", "1.234", 1234),
        ("EUR", "10000000000000", 10**15),
    ],
)
def test_major_units_become_exact_minor_units(currency: str, amount: str, amount_minor: int) -> None:
    registration = a_registration(amount=Decimal(amount), amount_minor=None, currency=currency)

    payment, _ = registered(registration)

    assert payment.amount_minor == amount_minor


@pytest.mark.parametrize(("currency", "amount"), [("EUR", "0.001"), ("JPY", "0.5"), ("KWD", "1.2345")])
def test_more_decimals_than_the_currency_has_are_refused(currency: str, amount: str) -> None:
    registration = a_registration(amount=Decimal(amount), amount_minor=None, currency=currency)

    with pytest.raises(TooManyDecimals) as caught:
        registered(registration)

    assert caught.value.errors[0].pointer == "/amount"


def test_an_unknown_currency_and_an_invoice_named_twice_are_refused() -> None:
    receivable = a_receivable()

    refused: list[tuple[Registration, type[BillingError], str]] = [
        (a_registration(currency="XYZ"), UnknownCurrency, "/currency"),
        (
            a_registration(for_part_of(receivable, 1), for_part_of(receivable, 2, 1)),
            AllocatedTwice,
            "/allocations/1/invoice_id",
        ),
    ]

    for registration, error, pointer in refused:
        with pytest.raises(error) as caught:
            check(registration)
        assert caught.value.errors[0].pointer == pointer


def test_invoices_of_one_payment_share_contact_and_currency() -> None:
    mine = a_receivable(contact_id=CONTACT)
    in_dollars = a_receivable(contact_id=CONTACT, currency="USD")
    of_another = a_receivable()
    void = a_receivable(contact_id=CONTACT, status=ReceivableStatus.CLOSED)

    refused: list[tuple[Registration, type[BillingError], str]] = [
        (
            a_registration(for_part_of(mine, 1), for_part_of(in_dollars, 1, 1)),
            CurrencyMismatch,
            "/allocations/1/invoice_id",
        ),
        (
            a_registration(for_part_of(mine, 1), for_part_of(of_another, 1, 1)),
            ContactMismatch,
            "/allocations/1/invoice_id",
        ),
        (a_registration(for_all_of(mine), currency="USD"), CurrencyMismatch, "/currency"),
        (a_registration(for_part_of(mine, 200), amount_minor=199), AllocationsExceedAmount, "/allocations"),
        (a_registration(for_all_of(void)), ReceivableClosed, "/invoice_id"),
    ]

    for registration, error, pointer in refused:
        with pytest.raises(error) as caught:
            registered(registration, mine, in_dollars, of_another, void)
        assert caught.value.errors[0].pointer == pointer


def test_dates_follow_the_clock_of_the_workspace() -> None:
    # 23:30 in Amsterdam is the next day in Auckland.
    ahead = Clock(
        offset=datetime(2030, 1, 1, 22, 30, tzinfo=UTC) - datetime.now(UTC), zone="Pacific/Auckland"
    )

    payment, _ = register(WORKSPACE, a_registration(contact_id=CONTACT), Payables({}, []), "EUR", ahead)

    assert payment.paid_on == date(2030, 1, 2)
    assert abs(payment.created_at - datetime(2030, 1, 1, 22, 30, tzinfo=UTC)) < timedelta(minutes=1)
