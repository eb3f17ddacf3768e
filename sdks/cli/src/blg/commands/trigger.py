"""`blg trigger`: real objects in a sandbox that lead to an event. What is made for which event is data."""

import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

import click

from blg import feed
from blg.api import Api
from blg.commands.clock import target
from blg.errors import CommandFailed, WrongUsage
from blg.main import Context, shared_options

UNTIL_SECONDS = 30
EVENT_SECONDS = 60
_NAME = re.compile(r"\$\{([^}]+)\}")
_VERBS = ("post", "patch", "put", "delete", "get")


@click.command("trigger")
@click.argument("event", required=False)
@click.argument("scenario", required=False)
@click.option("--list", "lists", is_flag=True, help="Every event that can be triggered, and why others cannot.")
@click.option(
    "--override", "-O", multiple=True, metavar="NAME.FIELD=VALUE", help="Another value: contact.email=a@b.nl."
)
@click.option("--skip", multiple=True, metavar="NAME", help="Do not make this; give its id with --override NAME.id=….")
@click.option("--no-wait", is_flag=True, help="Do not wait for the event.")
@shared_options
def trigger_command(
    context: Context,
    event: str | None,
    scenario: str | None,
    lists: bool,
    override: tuple[str, ...],
    skip: tuple[str, ...],
    no_wait: bool,
) -> None:
    """Make EVENT (`invoice.paid`) happen in a sandbox, or play `scenario dunning`."""
    known = fixtures()
    if lists or not event:
        _list(context, known)
        return
    type_, steps = _chosen(known, event, scenario)
    if context.profile.is_live:
        raise WrongUsage("Events are triggered in sandboxes alone; this profile is live.")
    start = feed.ask(context.api, after="latest").cursor
    maker = Maker(context, _overrides(override), frozenset(skip))
    maker.make(list(unfolded(known, steps)))
    found = None if no_wait else _awaited(context.api, type_, start, maker.ids())
    lines = [f"{name}  {id_}" for name, id_ in maker.ids().items()]
    lines += [f"{type_}  {found['id']}"] if found else []
    context.output.value({"event": found, "made": maker.ids()}, lines)


def fixtures() -> dict[str, Any]:
    """What is made for which event."""
    found: dict[str, Any] = json.loads(files("blg").joinpath("fixtures.json").read_text("utf-8"))
    return found


def unfolded(known: Mapping[str, Any], steps: list[Any]) -> Iterator[dict[str, Any]]:
    """The steps with those of their blocks."""
    for step in steps:
        if isinstance(step, str):
            yield from unfolded(known, known["blocks"][step])
        else:
            yield step


class Maker:
    """Makes objects step by step; later steps name what earlier ones made."""

    def __init__(self, context: Context, overrides: Mapping[str, dict[str, Any]], skip: frozenset[str]) -> None:
        self._context, self._api, self._overrides, self._skip = context, context.api, overrides, skip
        unique = uuid.uuid4()
        self._made: dict[str, Any] = {"unique": unique.hex[:8], "unique_number": str(unique.int)[:7]}
        self._now = datetime.now(UTC)

    def make(self, steps: list[dict[str, Any]]) -> None:
        """Every step in turn; raises CommandFailed or Refused at the first that does not work."""
        if any("today" in json.dumps(step) or "month" in json.dumps(step) for step in steps):
            self._now = datetime.fromisoformat(self._api.get("/v1/sandbox/clock")["now"])
        for step in steps:
            name = step.get("save")
            if name in self._skip:
                self._made[name] = self._overrides.get(name, {})
                continue
            said = self._take(step)
            if name:
                self._made[name] = said

    def ids(self) -> dict[str, str]:
        """The ids of what was made, by its name."""
        return {name: made["id"] for name, made in self._made.items() if isinstance(made, dict) and "id" in made}

    def _take(self, step: Mapping[str, Any]) -> Any:
        if "advance" in step:
            return self._advance(step["advance"])
        if "until" in step:
            return self._until(self._filled(step["until"]), self._filled(step["is"]))
        if "browse" in step:
            return _browse(self._filled(step["browse"]))
        method = next(verb for verb in _VERBS if verb in step)
        path = self._filled(step[method])
        body = self._filled(step.get("body"))
        if isinstance(body, dict) and step.get("save") in self._overrides:
            body = body | self._overrides[step["save"]]
        self._context.output.note(f"  {method.upper()} {path}", "dim")
        reply = self._api.ask(method.upper(), path, body=body)
        return reply.json() if reply.content else {}

    def _advance(self, step: str) -> Any:
        clock = self._api.get("/v1/sandbox/clock")
        self._context.output.note(f"  the clock moves {step}", "dim")
        clock = self._api.post("/v1/sandbox/clock/advance", {"to": target(clock["now"], step)})
        while clock["target"]:
            time.sleep(0.3)
            clock = self._api.get("/v1/sandbox/clock")
        return clock

    def _until(self, path: str, wanted: Mapping[str, Any]) -> Any:
        deadline = time.monotonic() + UNTIL_SECONDS
        while True:
            reply = self._api.ask("GET", path) if not _may_lack(path) else _found(self._api, path)
            said = reply.json() if reply else None
            if said is not None and all(_at(said, name) == value for name, value in wanted.items()):
                return said
            if time.monotonic() > deadline:
                raise CommandFailed(f"{path} is not {dict(wanted)} after {UNTIL_SECONDS} s.")
            time.sleep(0.1)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if not isinstance(value, str):
            return value
        whole = _NAME.fullmatch(value)
        if whole and whole[1].endswith("#"):
            return int(self._named(whole[1][:-1]))
        return _NAME.sub(lambda found: str(self._named(found[1])), value)

    def _named(self, name: str) -> Any:
        if name.startswith("today"):
            return self._day(name.removeprefix("today"))
        if name in ("month", "year"):
            return getattr(self._now, name)
        found = _at(self._made, name)
        if found is None:
            raise CommandFailed(f"There is no {name} to go on with; give it by --override {name}=….")
        return found

    def _day(self, offset: str) -> date:
        return self._now.date() + timedelta(days=int(offset or 0))


def _chosen(known: Mapping[str, Any], event: str, scenario: str | None) -> tuple[str, list[Any]]:
    if event == "scenario":
        if scenario not in known["scenarios"]:
            raise WrongUsage(f"Scenarios: {', '.join(known['scenarios'])}.")
        chosen = known["scenarios"][scenario]
        return chosen["ends"], chosen["steps"]
    if event in known["cannot"]:
        raise WrongUsage(f"{event} cannot be triggered: {known['cannot'][event]}.")
    if event not in known["events"]:
        from difflib import get_close_matches

        near = get_close_matches(event, known["events"], 1)
        hint = f" Did you mean {near[0]}?" if near else " `blg trigger --list` has them all."
        raise WrongUsage(f"There is no event {event}.{hint}")
    return event, known["events"][event]


def _list(context: Context, known: Mapping[str, Any]) -> None:
    lines = [*known["events"], *(f"scenario {name}" for name in known["scenarios"])]
    lines += [f"{name}: cannot be triggered, {why}" for name, why in known["cannot"].items()]
    said = {"events": list(known["events"]), "scenarios": list(known["scenarios"]), "cannot": known["cannot"]}
    context.output.value(said, lines)


def _overrides(given: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for text in given:
        place, equals, value = text.partition("=")
        name, dot, field = place.partition(".")
        if not (equals and dot and field):
            raise WrongUsage(f"{text} is not NAME.FIELD=VALUE.")
        found.setdefault(name, {})[field] = value
    return found


def _awaited(api: Api, type_: str, cursor: str, ids: Mapping[str, str]) -> Mapping[str, Any]:
    deadline = time.monotonic() + EVENT_SECONDS
    seen: list[str] = []
    while time.monotonic() < deadline and not seen:
        piece = feed.ask(api, wait=10, after=cursor, types=type_)
        for event in piece.events:
            seen.append(event.id)
            if _is_about(event.value, set(ids.values())):
                return event.value
        cursor = piece.cursor
    if seen:
        return {"id": seen[-1], "type": type_}
    raise CommandFailed(f"Nothing told of {type_} within {EVENT_SECONDS} s.")


def _is_about(event: Mapping[str, Any], ids: set[str]) -> bool:
    data = event.get("data") or {}
    said = {event.get("subject"), *(data.get(name) for name in ("contact_id", "invoice_id", "id", "subscription_id"))}
    return not ids or bool(ids & said)


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def _may_lack(path: str) -> bool:
    return path.startswith("/v1/receivables/")


def _found(api: Api, path: str) -> Any:
    from blg.errors import Refused

    try:
        return api.ask("GET", path)
    except Refused as refusal:
        if refusal.status == 404:
            return None
        raise


def _browse(url: str) -> dict[str, Any]:
    import httpx

    answer = httpx.get(url, headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"}, timeout=30)
    return {"status": answer.status_code}
