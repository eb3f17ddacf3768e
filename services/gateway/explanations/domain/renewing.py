"""Findings about the subscription: whether it goes on, and what keeps its next invoice."""

from services.gateway.explanations.domain.snapshot import Finding, Findings, Snapshot


def find_subscription(known: Snapshot) -> Findings:
    """Where the subscription stands."""
    one = known.subscription
    if not one:
        return
    refs = {"subscription": one["id"]}
    match one["status"]:
        case "past_due":
            text = "Its subscription is past due: a renewal could not be collected."
            yield Finding("subscription_past_due", "attention", text, refs)
        case "paused":
            since = f" since {known.day(one['paused_at'])}" if one.get("paused_at") else ""
            yield Finding(
                "subscription_paused", "info", f"Its subscription is paused{since}: nothing is billed.", refs
            )
        case "canceled" | "ended":
            at = one.get("ended_at") or one.get("canceled_at")
            text = (
                f"Its subscription is over{f' since {known.day(at)}' if at else ''}: nothing more is billed."
            )
            yield Finding("subscription_over", "info", text, refs)
        case _ if one.get("cancel_at_period_end"):
            text = f"Its subscription ends with this period, on {known.day(one['current_period_end'])}."
            yield Finding("subscription_ends_with_period", "info", text, refs)


def find_parked(known: Snapshot) -> Findings:
    """The subscription cannot be renewed until something is mended."""
    one = known.subscription
    if one and one.get("parked_reason"):
        text = (
            f"Its subscription cannot be renewed since {known.day(one['parked_at'])}: {one['parked_reason']}."
        )
        yield Finding("subscription_parked", "problem", text, {"subscription": one["id"]})


def find_waiting(known: Snapshot) -> Findings:
    """A period that could not be billed."""
    for billing in (known.waiting_billings or ())[:1]:
        problem = billing["problem"]
        why = problem.get("detail") or problem.get("code")
        text = f"The period from {known.day(billing['period_start'])} could not be billed yet: {why}"
        refs = {"subscription": billing["subscription_id"], "waiting_billing": billing["id"]}
        yield Finding("billing_waits", "problem", text, refs)
