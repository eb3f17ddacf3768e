"""`blg login`, `blg use`, `blg profiles`."""

from typing import Any

import click

from blg import config
from blg.api import Api
from blg.config import Profile
from blg.errors import Refused, WrongUsage
from blg.main import Context, shared_options

LOCAL = "http://127.0.0.1:8080"


@click.command("login")
@click.option("--api-key", help="A key of the workspace; asked for where it is not given (or BLG_API_KEY).")
@click.option("--token", help="A user's JWT instead of a key.")
@click.option("--workspace", help="The workspace's slug, with a JWT.")
@click.option("--unchecked", is_flag=True, help="Remember it without asking the platform.")
@shared_options
def login_command(
    context: Context, api_key: str | None, token: str | None, workspace: str | None, unchecked: bool
) -> None:
    """Sign in to a platform and remember it as a profile."""
    name = context.profile_name or config.DEFAULT
    base_url = context.base_url or click.prompt("Address", default=LOCAL, err=True)
    if not base_url.startswith(("http://", "https://")):
        raise WrongUsage("The address begins with http:// or https://.")
    if not token and not api_key:
        api_key = click.prompt("API key", hide_input=True, err=True)
    profile = Profile(name, base_url.rstrip("/"), api_key, token, workspace)
    if not unchecked:
        _check(profile)
    known = config.read()
    fields = {"base_url": profile.base_url, "api_key": api_key, "token": token, "workspace": workspace}
    known["profiles"][name] = {key: value for key, value in fields.items() if value}
    known["current"] = name
    config.write(known)
    context.output.value(_shown(profile, True), [f"Signed in as {name} at {profile.base_url}."])


@click.command("use")
@click.argument("name")
@shared_options
def use_command(context: Context, name: str) -> None:
    """Take another profile from now on."""
    known = config.read()
    if name not in known["profiles"]:
        raise WrongUsage(f"There is no profile {name}; known: {', '.join(sorted(known['profiles'])) or 'none'}.")
    config.write(known | {"current": name})
    context.output.value({"current": name}, [f"Now {name}."])


@click.command("profiles")
@shared_options
def profiles_command(context: Context) -> None:
    """List the profiles."""
    known = config.read()
    shown = [
        _shown(Profile(name, fields["base_url"], fields.get("api_key"), fields.get("token")), name == known["current"])
        for name, fields in sorted(known["profiles"].items())
    ]
    context.output.table(shown)


def _check(profile: Profile) -> None:
    api = Api(profile, retries=1)
    try:
        api.get("/v1/events", limit=1)
    except Refused as refusal:
        # A key that may not read the feed is a key all the same.
        if refusal.status != 403:
            raise
    finally:
        api.close()


def _shown(profile: Profile, is_current: bool) -> dict[str, Any]:
    mode = "user" if profile.token else "live" if profile.is_live else "sandbox"
    return {"name": profile.name, "base_url": profile.base_url, "mode": mode, "current": is_current}
