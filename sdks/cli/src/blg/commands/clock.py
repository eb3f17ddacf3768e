"""`blg clock`: the time machine of a sandbox."""

import re
import time
from datetime import datetime, timedelta
from typing import Any

import click

from blg.errors import WrongUsage
from blg.main import Context, shared_options

_STEP = re.compile(r"\+(\d+)(mo|y|w|d|h|m)")
_SPANS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
PAUSE_SECONDS = 0.3


@click.command("clock")
@click.argument("action", type=click.Choice(["show", "advance"]), default="show")
@click.argument("to", required=False)
@click.option("--no-wait", is_flag=True, help="Do not wait until the clock has arrived.")
@shared_options
def clock_command(context: Context, action: str, to: str | None, no_wait: bool) -> None:
    """Show a sandbox's clock, or `advance` it by +1mo, +2w, +3d, +4h or to an instant.

    All that falls due on the way is done in the order of its time.
    """
    api = context.api
    clock = api.get("/v1/sandbox/clock")
    if action == "advance":
        if not to:
            raise WrongUsage("Say how far: `blg clock advance +1mo`.")
        clock = api.post("/v1/sandbox/clock/advance", {"to": target(clock["now"], to)})
        while clock["target"] and not no_wait:
            time.sleep(PAUSE_SECONDS)
            clock = api.get("/v1/sandbox/clock")
            context.output.note(f"  {clock['now']}{_waits(clock)}")
    elif to:
        raise WrongUsage("`blg clock show` takes nothing more.")
    under_way = [f"on its way to {clock['target']}"] if clock["target"] else []
    context.output.value(clock, [f"{clock['now']} ({clock['zone']})", *under_way])


def target(now: str, to: str) -> str:
    """The instant that is meant, counted from the clock's own now; raises WrongUsage."""
    at = datetime.fromisoformat(now)
    if found := _STEP.fullmatch(to):
        count, unit = int(found[1]), found[2]
        if unit in _SPANS:
            return (at + timedelta(**{_SPANS[unit]: count})).isoformat()
        return add_months(at, count * (12 if unit == "y" else 1)).isoformat()
    try:
        moment = datetime.fromisoformat(to)
    except ValueError as error:
        raise WrongUsage(f"{to} is neither a step such as +1mo nor an instant.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=at.tzinfo)).isoformat()


def add_months(at: datetime, count: int) -> datetime:
    """The same day so many months later, or that month's last."""
    month = at.month - 1 + count
    year, month = at.year + month // 12, month % 12 + 1
    for day in range(at.day, 27, -1):
        try:
            return at.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return at.replace(year=year, month=month)


def _waits(clock: dict[str, Any]) -> str:
    progress = clock.get("progress") or {}
    waiting = [one["service"] for one in progress.get("waits_for") or ()]
    return f", waits for {', '.join(waiting)}" if waiting else ""
