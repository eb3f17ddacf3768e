"""`blg listen`: a workspace's events, sent to a server on this machine as the platform would send them."""

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import click

from blg import config, feed
from blg.errors import CommandFailed, WrongUsage
from blg.feed import FeedEvent
from blg.main import Context, shared_options

TRIES = 3
PAUSE_SECONDS = 1.0
TIMEOUT_SECONDS = 15.0
_SPAN = re.compile(r"(\d+)(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@click.command("listen")
@click.argument("target", required=False)
@click.option("--types", help="Only these: `invoice.paid,payment.*`.")
@click.option("--since", help="Begin so long ago (`10m`, `2h`) or at an instant, instead of where it stopped.")
@click.option("--from-cursor", help="Begin behind this cursor.")
@click.option("--from-now", is_flag=True, help="Forget where it stopped, and begin with what happens now.")
@click.option("--skip-verify", is_flag=True, help="Accept a certificate of the target that nobody knows.")
@click.option("--print", "prints", is_flag=True, help="Print the bodies (without a target that is all it does).")
@click.option("--exit-after", type=click.IntRange(1), help="Leave after so many events.")
@click.option("--retry-failed", is_flag=True, help="Send again what the target did not take, and leave.")
@shared_options
def listen_command(
    context: Context,
    target: str | None,
    types: str | None,
    since: str | None,
    from_cursor: str | None,
    from_now: bool,
    skip_verify: bool,
    prints: bool,
    exit_after: int | None,
    retry_failed: bool,
) -> None:
    """Send a workspace's events to TARGET (`localhost:3000/hook`), signed, each once and in their order.

    What happened while it did not run is sent first. What is sent again in the console comes here too.
    """
    if sum(map(bool, (since, from_cursor, from_now))) > 1:
        raise WrongUsage("Give one of --since, --from-cursor and --from-now.")
    profile = context.profile
    memory = Memory(config.memory_file(profile, "listen"))
    sender = Sender(complete(target), config.listen_secret(profile), skip_verify) if target else None
    if sender:
        context.output.note(f"Events of {profile.base_url} go to {sender.url}")
        context.output.note(f"Signing secret: {sender.secret}", "bold")
    listener = Listener(context, sender, memory, prints or not target, exit_after, Keys())
    if retry_failed:
        listener.retry_failed()
        return
    listener.run(memory.start(since, from_cursor, from_now), types)


@dataclass
class Memory:
    """Where a profile's listener stopped, and what its target did not take."""

    file: Any
    cursor: str | None = None
    done: list[str] = field(default_factory=list)
    failed: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = config.recall(self.file)
        self.cursor, self.failed = known.get("cursor"), known.get("failed") or {}
        self.done = known.get("done") or []

    def start(self, since: str | None, cursor: str | None, from_now: bool) -> dict[str, Any]:
        """Where to begin: as told, else where it stopped, else now."""
        if since or cursor or from_now:
            self.cursor, self.done = cursor, []
        if since:
            return {"since": moment(since)}
        return {"after": self.cursor or "latest"}

    def has_done(self, event: FeedEvent) -> bool:
        """Whether it was taken before the last end, within a piece of the feed that was not finished then."""
        return _mark(event) in self.done

    def note(self, event: FeedEvent) -> None:
        """Store that it is done: what was sent is not sent again when this is killed now."""
        self.done.append(_mark(event))
        self.keep()

    def go_on(self, cursor: str) -> None:
        """Store that everything before this cursor is done."""
        if cursor != self.cursor or self.done:
            self.cursor, self.done = cursor, []
            self.keep()

    def keep(self) -> None:
        """Store where it is, and what failed."""
        config.store(self.file, json.dumps({"cursor": self.cursor, "done": self.done, "failed": self.failed}))


@dataclass
class Sender:
    """Sends events to one target."""

    url: str
    secret: str
    skip_verify: bool = False
    _client: Any = None

    def send(self, event_id: str, body: bytes) -> tuple[bool, str]:
        """Send one event, in three tries; whether the target took it, and what it said."""
        said = ""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(PAUSE_SECONDS * attempt)
            is_taken, said = self._once(event_id, body)
            if is_taken:
                return True, said
        return False, said

    def _once(self, event_id: str, body: bytes) -> tuple[bool, str]:
        import httpx

        if self._client is None:
            self._client = httpx.Client(timeout=TIMEOUT_SECONDS, verify=not self.skip_verify, trust_env=False)
        try:
            answer = self._client.post(self.url, content=body, headers=signed(self.secret, event_id, body))
        except httpx.HTTPError as error:
            return False, f"{type(error).__name__}: {error}".rstrip(": ")
        return answer.is_success, str(answer.status_code)


@dataclass
class Listener:
    """Takes events from the feed to the target, one after the other."""

    context: Context
    sender: Sender | None
    memory: Memory
    prints: bool
    exit_after: int | None
    keys: "Keys"
    last: FeedEvent | None = None

    def run(self, start: dict[str, Any], types: str | None) -> None:
        """Until it is interrupted, or has had so many events."""
        count, is_listening = 0, False
        with self.keys:
            for piece in feed.follow(self.context.api, start, types=types, resends=True):
                if piece.skipped_count:
                    self.context.output.error(f"{piece.skipped_count} events have outlived their retention.", "red")
                for event in piece.events:
                    self.keys.obey(self._again)
                    if self.memory.has_done(event):
                        continue
                    self.take(event)
                    self.memory.note(event)
                    self.last, count = event, count + 1
                    if count == self.exit_after:
                        break
                else:
                    self.memory.go_on(piece.cursor)
                if count == self.exit_after:
                    return
                if not is_listening:
                    is_listening = True
                    self.context.output.note("Listening.")
                self.keys.obey(self._again)

    def take(self, event: FeedEvent) -> None:
        """Send one event and say how it went."""
        is_taken, said = self.sender.send(event.id, event.body) if self.sender else (True, "")
        if not is_taken:
            self.memory.failed[event.id] = {"type": event.type, "body": event.body.decode(), "error": said}
        again = " (again)" if event.is_resend else ""
        outcome = said if is_taken else f"FAILED: {said}"
        line = f"{time.strftime('%H:%M:%S')}  {event.type}{again}  {event.id}  {outcome}"
        shown = {"id": event.id, "type": event.type, "resend": event.is_resend, "taken": is_taken, "answer": said}
        if self.prints and self.context.output.is_json:
            shown["body"] = json.loads(event.body)
        self.context.output.record(shown, line)
        if self.prints and not self.context.output.is_json:
            print(event.body.decode(), flush=True)
        if not is_taken:
            self.context.output.note("  `blg listen TARGET --retry-failed` sends it again.", "yellow")

    def retry_failed(self) -> None:
        """Send what the target did not take, oldest first; raises CommandFailed where some is left."""
        if not self.sender:
            raise WrongUsage("--retry-failed takes a target.")
        for event_id, failed in list(self.memory.failed.items()):
            is_taken, said = self.sender.send(event_id, failed["body"].encode())
            if is_taken:
                del self.memory.failed[event_id]
                self.memory.keep()
            shown = {"id": event_id, "type": failed["type"], "taken": is_taken, "answer": said}
            self.context.output.record(
                shown, f"{failed['type']}  {event_id}  {said if is_taken else 'FAILED: ' + said}"
            )
        if self.memory.failed:
            raise CommandFailed(f"{len(self.memory.failed)} events were not taken.")

    def _again(self) -> None:
        if self.last:
            self.take(self.last)


class Keys:
    """`r` sends the last event again, `p` pauses and goes on; where there is no keyboard, nothing."""

    def __init__(self) -> None:
        self._pressed: list[str] = []
        self._restore: Any = None

    def __enter__(self) -> "Keys":
        import sys

        if sys.stdin is None or not sys.stdin.isatty():
            return self
        import termios
        import tty

        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
        tty.setcbreak(descriptor)
        self._restore = lambda: termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._restore:
            self._restore()

    def obey(self, again: Any) -> None:
        """Do what was asked for since the last time."""
        while self._pressed:
            key = self._pressed.pop(0)
            if key == "r":
                again()
            while key == "p" and "p" not in self._pressed:
                time.sleep(0.1)

    def _watch(self) -> None:
        import sys

        while key := sys.stdin.read(1):
            self._pressed.append(key)


def complete(target: str) -> str:
    """The target as a whole address: a host alone is http, its path and query are kept."""
    url = target if "://" in target else f"http://{target}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WrongUsage(f"{target} is no address to send to, such as localhost:3000/hook.")
    return url


def moment(text: str) -> str:
    """An instant from `10m` ago, `2h` ago, or itself; raises WrongUsage."""
    if found := _SPAN.fullmatch(text):
        return (datetime.now(UTC) - timedelta(**{_UNITS[found[2]]: int(found[1])})).isoformat()
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUsage(f"{text} is neither a time such as 10m nor an instant.") from error
    return (at if at.tzinfo else at.astimezone()).isoformat()


def signed(secret: str, event_id: str, body: bytes) -> dict[str, str]:
    """The headers of a webhook (Standard Webhooks 1.0), signed now."""
    at = str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{event_id}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": at,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def _mark(event: FeedEvent) -> str:
    return f"{event.id}{' again' if event.is_resend else ''}"
