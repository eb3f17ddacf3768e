"""`blg replay`: webhooks sent again, one message or what an endpoint missed."""

import time
from typing import Any

import click

from blg.api import part
from blg.commands.listen import moment
from blg.errors import CommandFailed, WrongUsage
from blg.main import Context, shared_options

_ENDS = frozenset({"done", "cancelled", "failed"})


@click.command("replay")
@click.argument("message", required=False)
@click.option("--endpoint", help="What this endpoint was to get, instead of one message.")
@click.option("--since", help="With --endpoint: from so long ago (`2h`) or an instant on.")
@click.option("--until", help="With --endpoint: up to then.")
@click.option("--failed", is_flag=True, help="With --endpoint: only what did not arrive (`recover`).")
@click.option("--no-wait", is_flag=True, help="Do not wait for the job.")
@shared_options
def replay_command(
    context: Context,
    message: str | None,
    endpoint: str | None,
    since: str | None,
    until: str | None,
    failed: bool,
    no_wait: bool,
) -> None:
    """Send MESSAGE (msg_…) again to every endpoint that it was for; or with --endpoint all of a time."""
    if bool(message) == bool(endpoint):
        raise WrongUsage("Give a message, or --endpoint with --since.")
    if message:
        _resend(context, message)
        return
    if not since:
        raise WrongUsage("--endpoint takes --since.")
    span = {"since": moment(since)} | ({"until": moment(until)} if until else {})
    _run_job(context, str(endpoint), span, failed, no_wait)


def _resend(context: Context, message: str) -> None:
    deliveries = list(context.api.rows("/v1/deliveries", message_id=message))
    if not deliveries:
        raise CommandFailed(f"{message} was for no endpoint: there is nothing to send again.")
    context.agree(f"Send it again to {len(deliveries)} endpoints")
    sent = [context.api.post(f"/v1/deliveries/{part(one['id'])}/resend") for one in deliveries]
    lines = [f"{one['event_type']} to {one['endpoint_id']}: {one['state']}" for one in sent]
    context.output.value({"resent": sent}, lines)


def _run_job(context: Context, endpoint: str, span: dict[str, str], failed: bool, no_wait: bool) -> None:
    api, path = context.api, f"/v1/webhook-endpoints/{part(endpoint)}"
    count = _count(context, endpoint, span, failed)
    context.output.note(f"{count} deliveries{'' if failed else ' or more'} are sent again.")
    context.agree(f"Send {count} webhooks again")
    job = api.post(f"{path}/{'recover' if failed else 'replay'}", span)
    while not no_wait and job["status"] not in _ENDS:
        time.sleep(1)
        job = api.get(f"{path}/jobs/{part(job['id'])}")
        context.output.note(f"  {_progress(job)}")
    context.output.value(job, [f"Job {job['id']}: {job['status']}, {_progress(job)}"])


def _count(context: Context, endpoint: str, span: dict[str, str], failed: bool) -> int:
    states = ("exhausted", "gone", "held", "expired") if failed else (None,)
    return sum(
        1
        for state in states
        for _ in context.api.rows("/v1/deliveries", limit=10_000, endpoint_id=endpoint, state=state, **span)
    )


def _progress(job: dict[str, Any]) -> str:
    counts = {name: value for name, value in job.items() if name.endswith("_count") and value is not None}
    return ", ".join(f"{value} {name.removesuffix('_count').replace('_', ' ')}" for name, value in counts.items())
