"""`blg doctor`: looks at the whole set-up, one line a matter, and says what to do about what is wrong."""

import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from blg import VERSION, config
from blg.api import Api, Reply
from blg.commands.listen import complete, signed
from blg.errors import SAID_NO, CommandFailed, NotReachable, Refused
from blg.main import Context, shared_options

SKEW_SECONDS = 60
LARGEST_SKEW_SECONDS = 300
FREE_BYTES = 2 * 1024**3
SCOPES = {
    "contacts:read": "/v1/contacts?limit=1",
    "invoices:read": "/v1/invoices?limit=1",
    "payments:read": "/v1/payments?limit=1",
    "webhooks:read": "/v1/events?limit=1",
}


@dataclass(frozen=True)
class Check:
    """One matter: whether it is right, what was seen, and what to do where it is not."""

    name: str
    is_right: bool
    seen: str
    remedy: str = ""


Checks = Iterator[Check]


@click.command("doctor")
@click.option("--endpoint", help="Also send a signed test webhook to this server: localhost:3000/hook.")
@click.option("--local", "is_local", is_flag=True, help="Also the platform that runs in this checkout.")
@shared_options
def doctor_command(context: Context, endpoint: str | None, is_local: bool) -> None:
    """Look at the whole set-up: address, TLS, clock, key, scopes, feed, deliveries. Leaves with 1 if one is wrong."""
    found: list[Check] = []
    for check in every(context, endpoint, is_local):
        found.append(check)
        if not context.output.is_json and (not check.is_right or not context.output.is_quiet):
            mark = "✓" if check.is_right else "✗"
            remedy = f" → {check.remedy}" if check.remedy and not check.is_right else ""
            print(f"{mark} {check.name}: {check.seen}{remedy}", flush=True)
    wrong = [check for check in found if not check.is_right]
    if context.output.is_json:
        context.output.value({"checks": [asdict(check) for check in found], "wrong": len(wrong)})
    if wrong:
        raise click.exceptions.Exit(SAID_NO)


def every(context: Context, endpoint: str | None, is_local: bool) -> Checks:
    """Every check that can be made; what rests on something that is wrong is left out."""
    yield Check("blg", True, f"{VERSION}, Python {sys.version.split()[0]}")
    yield from config_file()
    try:
        profile = context.profile
    except CommandFailed as error:
        yield Check("profile", False, str(error), "blg login")
        return
    yield Check("profile", True, f"{profile.name}, {profile.base_url}")
    api = Api(profile, retries=0, timeout_seconds=10)
    reply: Reply | None = None
    for check, said in address(api):
        yield check
        reply = said
    if reply is not None:
        yield from clock_skew(reply, time.time())
        signed_in = yield from credential(api)
        if signed_in is not None:
            yield from scopes(api)
            yield from rate(signed_in)
            yield from deliveries(api)
    if endpoint:
        yield from target(endpoint, config.listen_secret(profile))
    if is_local:
        yield from local_platform()


def config_file() -> Checks:
    """Whether others may read the keys."""
    path = config.folder() / "config.toml"
    if path.exists():
        mode = path.stat().st_mode & 0o777
        yield Check("config file", mode & 0o077 == 0, f"{path}, mode {mode:o}", f"chmod 600 {path}")


def address(api: Api) -> Iterator[tuple[Check, Reply | None]]:
    """Whether the address leads to the platform, and by TLS where it leaves this machine."""
    parts = urlsplit(api.profile.base_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.getaddrinfo(host, port)
    except OSError as error:
        yield Check("address", False, f"{host} is no known name ({error})", "mend --base-url"), None
        return
    is_here = host in ("localhost", "127.0.0.1", "::1")
    secure = parts.scheme == "https" or is_here
    yield Check("TLS", secure, parts.scheme, "use https: the key travels in the open"), None
    try:
        reply = api.ask("GET", "/livez")
    except NotReachable as error:
        remedy = "is its certificate one that this machine knows?" if "certificate" in str(error).lower() else ""
        yield Check("address", False, str(error), remedy or "is the platform running, and the port right?"), None
        return
    except Refused as refusal:
        yield Check("address", False, f"/livez answers {refusal.status}", "is this the gateway?"), None
        return
    yield Check("address", True, "the platform answers"), reply


def clock_skew(reply: Reply, now: float) -> Checks:
    """Whether this machine's clock is near enough for signatures of webhooks to hold."""
    said = reply.headers.get("date")
    if not said:
        return
    skew = now - parsedate_to_datetime(said).timestamp()
    seen = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the platform"
    remedy = f"set this machine's clock: webhooks are refused beyond {LARGEST_SKEW_SECONDS} s"
    yield Check("clock", abs(skew) <= SKEW_SECONDS, seen, remedy)


def credential(api: Api) -> "Generator[Check, None, Reply | None]":
    """Whether the key opens a workspace; returns the reply that said so, None where it does not."""
    if not (api.profile.api_key or api.profile.token):
        yield Check("key", False, "there is none", "blg login, or set BLG_API_KEY")
        return None
    try:
        reply = api.ask("GET", "/v1/event-types")
    except Refused as refusal:
        if refusal.status == 403:
            yield Check("key", True, "valid")
            return Reply(403, {}, "", b"")
        yield Check("key", False, str(refusal).splitlines()[0], "blg login with a key that is not revoked")
        return None
    except NotReachable as error:
        yield Check("key", False, str(error), "the platform is there but not ready: blg ops health")
        return None
    mode = "live" if api.profile.is_live else "user" if api.profile.token else "sandbox"
    yield Check("key", True, f"valid, {mode}")
    return reply


def scopes(api: Api) -> Checks:
    """Whether the key may read what the commands read."""
    for scope, path in SCOPES.items():
        try:
            api.ask("GET", path)
        except Refused as refusal:
            remedy = f"add the scope {scope} to the key" if refusal.status == 403 else ""
            yield Check(f"scope {scope}", False, str(refusal).splitlines()[0], remedy)
        except NotReachable as error:
            yield Check(f"scope {scope}", False, str(error), "that part of the platform does not answer")
        else:
            yield Check(f"scope {scope}", True, "may be read")


def rate(reply: Reply) -> Checks:
    """How many requests are left in this second."""
    said = reply.headers.get("ratelimit")
    if said:
        parts = said.replace('"', "").replace(" ", "").split(";")
        left = next((int(one[2:]) for one in parts if one[:2] == "r=" and one[2:].isdigit()), None)
        yield Check("rate", left is None or left > 0, said, "fewer requests at once")


def deliveries(api: Api) -> Checks:
    """Whether endpoints take what is sent to them."""
    try:
        endpoints = list(api.rows("/v1/webhook-endpoints"))
        failed = list(api.rows("/v1/deliveries", limit=100, state="exhausted"))
    except (Refused, NotReachable):
        return
    for one in endpoints:
        is_well = one["status"] == "enabled" and not one["failing_since"]
        state = one["status"] if one["status"] != "enabled" else f"failing since {one['failing_since']}"
        remedy = f"blg webhook-endpoints enable {one['id']}" if one["status"] != "enabled" else "mend that server"
        yield Check(f"endpoint {one['url']}", is_well, "takes what is sent" if is_well else state, remedy)
    if failed:
        remedy = "blg replay --endpoint … --since 2d --failed"
        yield Check("given up", False, f"{len(failed)} deliveries did not arrive", remedy)


def target(endpoint: str, secret: str) -> Checks:
    """Whether a server on this machine takes a signed webhook, and refuses one that is not ours."""
    import httpx

    body = json.dumps({"type": "blg.test", "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "data": {}})
    content, url = body.encode(), complete(endpoint)
    headers = signed(secret, "msg_test", content)
    try:
        taken = httpx.post(url, content=content, headers=headers, timeout=10, trust_env=False)
        forged = httpx.post(
            url, content=content, headers=headers | {"webhook-signature": "v1,AAAA"}, timeout=10, trust_env=False
        )
    except httpx.HTTPError as error:
        yield Check("your endpoint", False, f"{url}: {type(error).__name__}", "is the server running there?")
        return
    remedy = f"does it verify with the secret {secret}?"
    yield Check("your endpoint", taken.is_success, f"{url} answers {taken.status_code}", remedy)
    remedy = "it must verify signatures: anybody could send it events"
    yield Check("your endpoint's check", not forged.is_success, f"a forged one gets {forged.status_code}", remedy)


def local_platform() -> Checks:
    """The platform that runs in this checkout, by its `stack.json`."""
    file = config.local_stack()
    if file is None:
        yield Check("local platform", False, "there is no .local/stack.json", "make up")
        return
    facts = json.loads(file.read_text())
    yield Check("local platform", True, str(file))
    yield Check("Python", sys.version_info >= (3, 11), sys.version.split()[0], "install Python 3.11 or newer")
    java = os.environ.get("JAVA_HOME") or shutil.which("java") or _packaged_java(file.parent.parent)
    yield Check("Java", bool(java), java or "none", "install Java 17 or newer, for Kafka")
    free = shutil.disk_usage(file.parent).free
    yield Check("disk", free > FREE_BYTES, f"{free // 1024**2} MiB free", "make room: Postgres and Kafka stop without")
    for process in facts.get("processes", ()):
        yield _runs(process)
    for name, dsn in (facts.get("postgres_dsns") or {}).items():
        yield from _logins(name, dsn)
    servers = str(facts.get("kafka_bootstrap_servers", ""))
    if servers:
        yield _reaches("Kafka", servers.split(",", maxsplit=1)[0].rpartition(":"))


def _packaged_java(checkout: Path) -> str | None:
    return next((str(path) for path in checkout.glob(".venv/lib/python*/site-packages/*/bin/java")), None)


def _runs(process: dict[str, Any]) -> Check:
    name, pid = process["name"], process.get("pid")
    try:
        os.kill(int(pid or 0) or -1, 0)
    except (OSError, ValueError, OverflowError):
        return Check(f"process {name}", False, "is not running", f".local/logs/{name}.log says why")
    state = _state(int(pid or 0))
    seen = f"pid {pid}{', stopped' if state == 'T' else ''}"
    return Check(f"process {name}", state != "T", seen, f"kill -CONT {pid}")


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "?"


def _logins(name: str, dsns: Any) -> Checks:
    pairs = dsns.items() if isinstance(dsns, dict) else [("", dsns)]
    for role, dsn in pairs:
        parts = urlsplit(str(dsn))
        check = _reaches(f"Postgres {name} {role}".rstrip(), (parts.hostname or "", ":", str(parts.port or 5432)))
        if not check.is_right:
            yield check
            return
    yield Check(f"Postgres {name}", True, "answers")


def _reaches(name: str, place: tuple[str, str, str]) -> Check:
    host, _, port = place
    try:
        with socket.create_connection((host, int(port)), timeout=3):
            return Check(name, True, f"{host}:{port} answers")
    except (OSError, ValueError) as error:
        return Check(name, False, f"{host}:{port}: {error}", "make up")
