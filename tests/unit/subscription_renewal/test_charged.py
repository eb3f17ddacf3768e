"""What users of other systems were bitten by: credits that are too large, lost, or come after the card."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.subscription_renewal.subscriptions.domain import change as change_rules
from services.subscription_renewal.subscriptions.domain import cycle, pause
from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.change import Wanted
from services.subscription_renewal.subscriptions.domain.charged import MAX_SEGMENTS
from services.subscription_renewal.subscriptions.domain.cycle import UNCAPPED
from shared.kernel.errors import Invalid
from shared.kernel.pricing import Arithmetic
from tests.unit.subscription_renewal.builders import MIDDLE, a_change, a_line, amounts, at, running

EUR = Arithmetic("EUR")


def test_a_backdated_change_credits_what_was_charged_for_that_time_and_no_more() -> None:
    # Lago #1778, gumroad #6077: 165.00 were billed for April and 290.00 given back.
    dearer = a_change(running(), "300", MIDDLE)
    wanted = Wanted((a_line("30"),), basis="day", at=at("2027-04-02T00:00:00+02:00"))
    cheaper = change_rules.change(dearer.subscription, wanted, at(MIDDLE), UNCAPPED)

    assert amounts(dearer) == [15000 - 1500]
    assert line_rules.total_minor(cheaper.subscription.pending_lines, EUR) == -13500
    again = change_rules.change(cheaper.subscription, wanted, at(MIDDLE), UNCAPPED)
    assert again.subscription == cheaper.subscription


def test_a_change_counted_by_days_takes_back_what_was_counted_by_seconds_that_day() -> None:
    wanted = Wanted((a_line("300"),))
    late = change_rules.change(running(), wanted, at("2027-04-16T17:00:00+02:00"), UNCAPPED)

    whole = a_change(late.subscription, "60", "2027-04-16T18:00:00+02:00")

    # From the 16th on it costs 60, whatever the hours between did.
    made = [*late.credits, *late.charges, *whole.credits, *whole.charges]
    assert line_rules.total_minor(made, EUR) == -1500 + 3000


def test_a_change_is_not_backdated_into_a_pause_that_moved_the_calendar() -> None:
    paused = pause.pause(running(), False, at("2027-04-10"))
    resumed = pause.resume(paused, at("2027-04-20"))
    wanted = Wanted((a_line("60"),), at=at("2027-04-19"))

    with pytest.raises(Invalid) as refused:
        change_rules.change(resumed, wanted, at("2027-04-21"), UNCAPPED)

    assert [one.pointer for one in refused.value.errors] == ["/proration_at"]


def test_pieces_of_before_a_renewal_by_older_code_are_not_believed() -> None:
    later = a_change(running(), "60", MIDDLE).subscription
    june = at("2027-06-01")
    stale = replace(
        later, current_period_start=at("2027-05-01"), current_period_end=june, next_billing_at=june
    )

    changed = a_change(stale, "30", "2027-05-01T00:00:00+00:00")

    assert line_rules.total_minor(changed.credits, EUR) == -6000


def test_only_so_many_pieces_of_a_period_are_known() -> None:
    subscription = running()
    for minute in range(MAX_SEGMENTS + 5):
        now = f"2027-04-02T{minute // 60:02}:{minute % 60:02}:00+02:00"
        wanted = Wanted((a_line(str(30 + minute % 2)),))
        subscription = change_rules.change(subscription, wanted, at(now), UNCAPPED).subscription

    assert len(subscription.segments) == MAX_SEGMENTS
    assert subscription.changes_from_at == subscription.segments[0].at
    with pytest.raises(Invalid):
        a_change(subscription, "60", MIDDLE, at=at("2027-04-02T00:00:00+02:00"))
    whole = a_change(subscription, "60", MIDDLE, at=subscription.changes_from_at)
    assert len(whole.subscription.segments) == 1


def test_an_upgrade_uses_the_credit_that_waits_before_it_asks_for_money() -> None:
    # restrict-content-pro #442: the card was charged 14.00 while 126.00 waited.
    down = a_change(running(price="300"), "30", MIDDLE).subscription
    up = a_change(down, "60", "2027-04-17T00:00:00+02:00")
    far_up = a_change(down, "600", "2027-04-17T00:00:00+02:00")

    assert amounts(up) == []
    assert line_rules.total_minor(up.subscription.pending_lines, EUR) == -13500 + 1400
    assert amounts(far_up) == [-13500 + 28000 - 1400]
    assert far_up.subscription.pending_lines == ()


def test_credit_that_is_left_at_the_end_is_the_contacts() -> None:
    taxed = [a_line("300", tax_rate=Decimal(21)), a_line("9", tax_rate=Decimal(9), tax_behavior="inclusive")]
    taxed_plan = replace(running(), lines=tuple(taxed))
    down = change_rules.change(taxed_plan, Wanted((a_line("30"),), basis="day"), at(MIDDLE), UNCAPPED)

    now = cycle.final_bill(rules.cancel(down.subscription, False, at(MIDDLE)), at(MIDDLE))
    ending = rules.cancel(down.subscription, True, at(MIDDLE))
    (ended,) = cycle.renew(ending, at("2027-05-01"), UNCAPPED)

    # −150.00 and 21 % of it, −4.50 with 0.37 of tax in it, and 15.00 for the rest with the new plan.
    for final in (now, ended):
        assert final.billing is None
        assert final.release
        assert (final.release.amount_minor, final.release.tax_minor) == (18150 + 450 - 1500, 3150 + 37)
        assert final.subscription.pending_lines == ()
    unpaid = cycle.final_credit(rules.cancel(down.subscription, False, at(MIDDLE)), at(MIDDLE))
    assert unpaid.release == now.release


@pytest.mark.parametrize("policy", ["invoice_now", "next_invoice", "next_period", "reset_anchor"])
def test_the_same_change_sent_twice_is_done_once(policy: str) -> None:
    once = a_change(running(), "60", "2027-04-16T10:00:00", policy=policy)
    twice = a_change(once.subscription, "60", "2027-04-16T10:00:02", policy=policy)

    assert amounts(twice) == []
    assert twice.subscription == once.subscription


def test_another_plan_at_the_same_price_makes_no_invoice() -> None:
    wanted = Wanted((a_line("30").model_copy(update={"description": "Other"}),))

    changed = change_rules.change(running(), wanted, at(MIDDLE), UNCAPPED)

    assert amounts(changed) == []
    assert changed.subscription.pending_lines == ()
    assert changed.subscription.lines == wanted.lines


def test_a_new_period_is_begun_anew_once_something_of_it_was_used() -> None:
    begun = running(price="30")

    seconds_later = a_change(begun, "30", "2027-04-01T00:03:00+02:00", policy="reset_anchor")
    days_later = a_change(begun, "30", "2027-04-11T00:00:00+02:00", policy="reset_anchor")

    assert seconds_later.changes == []
    assert amounts(days_later) == [1000]
    assert days_later.subscription.anchor_at == at("2027-04-11T00:00:00+02:00")
