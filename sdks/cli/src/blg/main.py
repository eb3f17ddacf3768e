"""The command `blg`: its commands are loaded when they are called, so that it starts at once."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from importlib import import_module
from typing import Any, cast

import click

from blg import VERSION, config
from blg.api import Api
from blg.errors import DONE, INTERRUPTED, SAID_NO, USAGE, CommandFailed, WrongUsage
from blg.output import Output

COMMANDS = {
    "login": ("blg.commands.profiles", "Sign in to a platform and remember it as a profile."),
    "use": ("blg.commands.profiles", "Take another profile from now on."),
    "profiles": ("blg.commands.profiles", "List the profiles."),
    "doctor": ("blg.commands.doctor", "Look at the whole set-up and say what is wrong with it."),
    "listen": ("blg.commands.listen", "Send a workspace's events to a server on this machine, as webhooks."),
    "trigger": ("blg.commands.trigger", "Make an event happen in a sandbox."),
    "explain": ("blg.commands.explain", "Say why an invoice, payment or webhook stands where it stands."),
    "prove": ("blg.commands.prove", "Prove the workspace's money."),
    "replay": ("blg.commands.replay", "Send webhooks again."),
    "clock": ("blg.commands.clock", "Show or move a sandbox's clock."),
    "import": ("blg.commands.imports", "Import contacts, products, invoices or open items from a file."),
    "export": ("blg.commands.exports", "Write a list to a file."),
    "ops": ("blg.commands.ops", "For those who run the platform (admin token)."),
}


@dataclass
class Context:
    """What the options before and behind a command say."""

    profile_name: str | None = None
    base_url: str | None = None
    output: Output = field(default_factory=Output)
    is_agreed: bool = False
    _api: Api | None = None

    @property
    def profile(self) -> config.Profile:
        """The profile to work with; raises WrongUsage without one."""
        return self.api.profile

    @property
    def api(self) -> Api:
        """The connection to its platform."""
        if self._api is None:
            profile = config.find(self.profile_name, self.base_url)
            if profile.origin.endswith("stack.json"):
                self.output.note(f"Nobody is signed in: the platform of {profile.origin} is taken.", "dim")
            self._api = Api(profile, tell=lambda text: self.output.note(text, "yellow"))
        return self._api

    def agree(self, what: str) -> None:
        """Ask before something that moves money in a live workspace; raises WrongUsage without a yes."""
        if not self.profile.is_live:
            return
        self.output.error(f"LIVE  {self.profile.name}  {self.profile.base_url}", "red")
        if self.is_agreed:
            return
        if not sys.stdin.isatty():
            raise WrongUsage(f"{what} in a live workspace takes --yes.")
        if not click.confirm(f"{what} in a live workspace?", err=True):
            raise WrongUsage("Nothing was done.")


class Commands(click.Group):
    """The commands above, and for every resource of the API a group of its calls."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if found := super().get_command(ctx, cmd_name):
            return found
        if cmd_name in COMMANDS:
            found = getattr(import_module(COMMANDS[cmd_name][0]), f"{cmd_name}_command")
            return cast(click.Command, found)
        from blg import generic

        return generic.group(ctx.find_object(Context) or Context(), cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])
        with formatter.section("Every call of the API"):
            formatter.write_dl(
                [("RESOURCE VERB", "As in `blg invoices list --status open`; `blg resources` lists them.")]
            )


def shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command has, and its first argument: the context."""

    @click.option("--profile", "-p", "profile_", help="Another profile, for this call.")
    @click.option("--base-url", "base_url_", help="Another address, for this call.")
    @click.option("--json", "json_", is_flag=True, help="JSON on stdout, and nothing else there.")
    @click.option("--quiet", "-q", "quiet_", is_flag=True, help="Only results and errors.")
    @click.option("--yes", "-y", "yes_", is_flag=True, help="Do not ask, also in a live workspace.")
    @wraps(command)
    def call(profile_: str | None, base_url_: str | None, json_: bool, quiet_: bool, yes_: bool, **given: Any) -> Any:
        ctx = click.get_current_context()
        context = ctx.find_object(Context) or Context()
        context.profile_name = profile_ or context.profile_name
        context.base_url = base_url_ or context.base_url
        context.output.is_json |= json_
        context.output.is_quiet |= quiet_
        context.is_agreed |= yes_
        return command(context, **given)

    return call


@click.group(cls=Commands, invoke_without_command=True)
@click.version_option(VERSION, prog_name="blg")
@click.option("--install-completion", type=click.Choice(["bash", "zsh", "fish"]), help="Let this shell complete.")
@shared_options
def blg(context: Context, install_completion: str | None) -> None:
    """The billing platform on the command line.

    Exit codes: 0 done, 1 the platform said no, 2 wrong usage, 3 not reachable, 4 not allowed, 130 interrupted.
    """
    ctx = click.get_current_context()
    ctx.obj = context
    if install_completion:
        from blg import completion

        context.output.value({"file": str(completion.install(install_completion))})
    elif ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@blg.command("resources")
@shared_options
def resources_command(context: Context) -> None:
    """List the resources of the API and their verbs."""
    from blg import generic

    operations = generic.operations(context)
    named = {name: sorted(one for one in operations if one.split(".")[0] == name) for name in generic.names(operations)}
    context.output.value(
        named, (f"{name}: {' '.join(v.partition('.')[2] for v in ids)}" for name, ids in named.items())
    )


def run() -> None:
    """Call it and leave with its exit code."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Call it with these arguments; returns the exit code, with whatever went wrong told on stderr."""
    context = Context(_given(arguments, "--profile", "-p"), _given(arguments, "--base-url"))
    try:
        code = blg.main(arguments, prog_name="blg", standalone_mode=False, obj=context)
    except click.exceptions.Exit as leaving:
        return int(leaving.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return USAGE
    except CommandFailed as error:
        _tell(context, error)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has had enough; Python must not try to flush the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SAID_NO
    # Newer releases of click give the code of an Exit back.
    return code if isinstance(code, int) else DONE


def _given(arguments: list[str], *names: str) -> str | None:
    """What an option says wherever it stands: which calls there are depends on the platform that is meant."""
    for place, text in enumerate(arguments):
        name, equals, value = text.partition("=")
        if name in names:
            return value if equals else next(iter(arguments[place + 1 : place + 2]), None)
    return None


def _tell(context: Context, error: CommandFailed) -> None:
    if context.output.is_json:
        context.output.value({"error": {"message": str(error), "exit_code": error.exit_code, **error.facts}})
    else:
        context.output.error(str(error), "red")
