"""Findings about integrators: which webhooks did not arrive, and why."""

from services.gateway.explanations.domain.snapshot import Finding, Findings, Snapshot, several
from shared.kernel.json import JsonMapping


def find_failing(known: Snapshot) -> Findings:
    """A delivery that was tried and is tried again."""
    for delivery in _in(known, "pending"):
        if delivery["attempt_count"]:
            at = delivery.get("next_attempt_at")
            text = (
                f"{_what(delivery)} is not delivered after {several(delivery['attempt_count'], 'attempt')}, "
                f"the last: {_last(delivery)}{f'; next on {known.moment(at)}' if at else ''}."
            )
            yield Finding("webhook_failing", "attention", text, _refs(delivery))


def find_under_way(known: Snapshot) -> Findings:
    """A delivery that was not tried yet."""
    for delivery in _in(known, "pending"):
        if not delivery["attempt_count"]:
            yield Finding("webhook_under_way", "info", f"{_what(delivery)} is on its way.", _refs(delivery))


def find_dead(known: Snapshot) -> Findings:
    """A delivery that was given up."""
    for delivery in _in(known, "exhausted", "gone"):
        text = (
            f"{_what(delivery)} was given up after {several(delivery['attempt_count'], 'attempt')}, "
            f"the last: {_last(delivery)}; resend it once that is mended."
        )
        yield Finding("message_dead_lettered", "problem", text, _refs(delivery))


def find_held(known: Snapshot) -> Findings:
    """A delivery that waits for its endpoint to be enabled."""
    for delivery in _in(known, "held"):
        text = f"{_what(delivery)} is held: its endpoint takes none now; once it does, `recover` sends it."
        yield Finding("webhook_held", "attention", text, _refs(delivery))


def find_dropped(known: Snapshot) -> Findings:
    """A delivery that is not wanted any more."""
    for delivery in _in(known, "cancelled", "expired"):
        why = "no longer wanted by its endpoint" if delivery["state"] == "cancelled" else "too old to be sent"
        yield Finding("webhook_dropped", "info", f"{_what(delivery)} is {why}.", _refs(delivery))


def find_arrived(known: Snapshot) -> Findings:
    """Where a message is asked about: that it arrived."""
    for delivery in _in(known, "delivered") if known.message else ():
        text = f"{_what(delivery)} arrived on {known.moment(delivery['finished_at'])} ({_last(delivery)})."
        yield Finding("webhook_delivered", "info", text, _refs(delivery))


def find_unheard(known: Snapshot) -> Findings:
    """Nobody listens, or what was said was for no endpoint."""
    if known.endpoints is None:
        return
    if not known.endpoints:
        yield Finding("no_endpoint", "info", "No webhook endpoint listens to this workspace.")
    elif known.message and known.webhooks is not None and not known.webhooks:
        text = "No endpoint wanted it when it happened: of another type, or made later."
        yield Finding("message_not_wanted", "attention", text, {"message": known.message["webhook_id"]})


def find_endpoints(known: Snapshot) -> Findings:
    """Endpoints that take nothing now."""
    for endpoint in known.endpoints or ():
        refs = {"endpoint": endpoint["id"]}
        if endpoint["status"] == "disabled":
            why = endpoint.get("disabled_reason") or "by hand"
            text = f"The endpoint {endpoint['url']} is disabled ({why}): what is for it is held."
            yield Finding("endpoint_disabled", "problem", text, refs)
        elif endpoint["status"] == "paused":
            text = f"The endpoint {endpoint['url']} is paused: what is for it is held."
            yield Finding("endpoint_paused", "attention", text, refs)
        elif endpoint.get("failing_since"):
            text = f"The endpoint {endpoint['url']} fails since {known.moment(endpoint['failing_since'])}."
            yield Finding("endpoint_failing", "attention", text, refs)


def _in(known: Snapshot, *states: str) -> list[JsonMapping]:
    return [delivery for delivery in known.webhooks or () if delivery["state"] in states]


def _what(delivery: JsonMapping) -> str:
    return f"The webhook {delivery.get('event_type') or delivery['webhook_id']}"


def _last(delivery: JsonMapping) -> str:
    last = delivery.get("last_attempt")
    if not last:
        return "nothing was told"
    if last.get("status"):
        return str(last["status"])
    return str(last.get("reason") or last.get("error") or "no answer")


def _refs(delivery: JsonMapping) -> dict[str, str]:
    return {
        "delivery": delivery["id"],
        "message": delivery["webhook_id"],
        "endpoint": delivery["endpoint_id"],
    }
