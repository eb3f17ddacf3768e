"""`blg ops`: what whoever runs the platform asks it, with the admin token (BLG_ADMIN_TOKEN, or a local stack's)."""

from dataclasses import replace
from typing import Any

import click

from blg.api import Api, part
from blg.errors import NotReachable, Refused, WrongUsage
from blg.main import Context, shared_options

SERVICES = ("invoice", "payment", "subscription_renewal", "webhook_delivery")


@click.group("ops")
def ops_command() -> None:
    """For those who run the platform: health, workspaces, dead letters, lanes."""


@ops_command.command("health")
@shared_options
def health(context: Context) -> None:
    """Whether the gateway is there and ready; leaves with 3 where it is not."""
    api = Api(context.profile, retries=0)
    said = {name: _status(api, path) for name, path in (("live", "/livez"), ("ready", "/readyz"))}
    context.output.value(said, [f"{'✓' if text == 'ok' else '✗'} {name}: {text}" for name, text in said.items()])
    if set(said.values()) != {"ok"}:
        raise NotReachable("The platform is not ready.")


@ops_command.command("workspaces")
@shared_options
def workspaces(context: Context) -> None:
    """List the platform's workspaces."""
    context.output.table(list(admin(context).rows("/v1/workspaces")))


@ops_command.group("dead-letters")
def dead_letters() -> None:
    """Events that a service could not apply."""


@dead_letters.command("list")
@click.option("--service", type=click.Choice(SERVICES), help="Of one service.")
@click.option("--status", default="waiting", help="In this status.")
@shared_options
def list_letters(context: Context, service: str | None, status: str) -> None:
    """List dead letters: those that wait, unless told otherwise."""
    said = admin(context).get("/v1/dead-letters", service=service, status=status, limit=500)
    context.output.table(said["data"])


@dead_letters.command("show")
@click.argument("letter_id")
@shared_options
def show_letter(context: Context, letter_id: str) -> None:
    """Show a dead letter with the record in it."""
    context.output.value(_letter(context, "GET", letter_id))


@dead_letters.command("replay")
@click.argument("letter_id")
@shared_options
def replay_letter(context: Context, letter_id: str) -> None:
    """Have its service try it again."""
    context.output.value(_letter(context, "POST", letter_id, "/replay"))


@dead_letters.command("drop")
@click.argument("letter_id")
@click.option("--reason", required=True, help="Why it is never to be applied.")
@shared_options
def drop_letter(context: Context, letter_id: str, reason: str) -> None:
    """Never apply it."""
    context.output.value(_letter(context, "POST", letter_id, "/drop", {"reason": reason}))


@ops_command.command("lanes")
@shared_options
def lanes(context: Context) -> None:
    """List the workspaces whose events are set aside."""
    context.output.table(admin(context).get("/v1/event-lanes")["data"])


def admin(context: Context) -> Api:
    """The connection with the admin token; raises WrongUsage without one."""
    profile = context.profile
    if not profile.admin_token:
        raise WrongUsage("This takes the platform's admin token: set BLG_ADMIN_TOKEN.")
    signed_in = replace(profile, api_key=None, token=profile.admin_token, workspace=None)
    return Api(signed_in, tell=context.api.tell)


def _letter(context: Context, method: str, letter_id: str, below: str = "", body: Any = None) -> Any:
    """What its service says of it; a letter names no service, so that each is asked."""
    api = admin(context)
    for service in SERVICES:
        path = f"/v1/dead-letters/{service}/{part(letter_id)}"
        try:
            found = api.get(path)
        except Refused as refusal:
            if refusal.status != 404:
                raise
            continue
        return found if method == "GET" else api.post(f"{path}{below}", body)
    raise WrongUsage(f"No service has a dead letter {letter_id}.")


def _status(api: Api, path: str) -> str:
    try:
        api.ask("GET", path)
    except (NotReachable, Refused) as error:
        return str(error)
    return "ok"
