"""`make run`: starts the platform and tells the story of one invoice; `--once` leaves after it."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from deploy.local.console import Console
from deploy.local.errors import LocalError
from deploy.local.stack import Stack
from deploy.local.state import is_ready
from deploy.local.story import tell_story
from deploy.local.up import argument_parser, keep_up, options, where_to_look


def main() -> int:
    """0 when everything in the story happened."""
    parser = argument_parser("Start the platform and tell the story of one invoice.")
    parser.add_argument("--once", action="store_true", help="leave after the story")
    arguments = parser.parse_args()
    console = Console()
    subtitle = console.paint("one invoice, from its first line to its webhook", 2)
    console.line(f"\n  {console.paint('billing', 1)}  {subtitle}\n")
    try:
        if is_ready(arguments.state):
            console.line(f"  the platform runs already in {arguments.state}")
            return asyncio.run(tell_beside(console, arguments.state))
        return asyncio.run(
            keep_up(Stack(options(arguments), console), tell_once if arguments.once else tell_and_stay)
        )
    except LocalError as error:
        console.error(str(error))
        return 1


async def tell_once(stack: Stack) -> int:
    """The story alone."""
    await tell(stack.console, stack.description())
    return 0


async def tell_and_stay(stack: Stack) -> int:
    """The story, then wait for Ctrl-C so that a person can look around."""
    await tell_once(stack)
    for line in where_to_look(stack):
        stack.console.line(line)
    await asyncio.Event().wait()
    return 0


async def tell_beside(console: Console, state: Path) -> int:
    """The story against a platform that `make up` keeps in this folder."""
    await tell(console, json.loads((state / "stack.json").read_text()))
    return 0


async def tell(console: Console, description: dict[str, Any]) -> None:
    """The story, in a frame; raises StoryBroken."""
    console.line()
    await tell_story(
        console, description["gateway_url"], description["api_key"], description["kafka_bootstrap_servers"]
    )
    console.line(f"\n  {console.paint('✓', 32)} all of it happened")


if __name__ == "__main__":
    sys.exit(main())
