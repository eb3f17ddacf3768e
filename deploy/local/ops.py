"""`make ops SERVICE=payment CMD='…'`: a command in the environment of a service of the running stack.

It is what `kubectl exec deploy/billing-payment-worker -- …` is in a cluster. Besides the service's own
variables there are those of commands for the whole platform (POSTGRES_DSN, KAFKA_PARTITIONS …) and those of
requests: API, API_KEY and ADMIN_TOKEN. Without a command it opens a shell.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from deploy.local import names
from deploy.local.console import Console
from deploy.local.errors import LocalError
from deploy.local.paths import DEFAULT_STATE, REPOSITORY
from deploy.local.state import is_ready


def main(arguments: list[str]) -> int:
    """The command's own exit code; 1 where no stack runs, 2 for a service that there is not."""
    parser = names.Arguments(prog="make ops", description=__doc__)
    parser.add_argument("service", type=names.service, help="whose environment")
    parser.add_argument("command", nargs="?", default="", help="one line for the shell")
    parser.add_argument("--state", type=lambda text: Path(text).resolve(), default=DEFAULT_STATE)
    given = parser.parse_args(arguments)
    try:
        variables = environment(described(given.state), given.service)
    except LocalError as error:
        Console().error(str(error))
        return 1
    os.chdir(REPOSITORY)
    shell = os.environ.get("SHELL", "/bin/sh")
    return become(["/bin/sh", "-c", given.command] if given.command else [shell], variables)


def become(command: list[str], variables: dict[str, str]) -> NoReturn:
    """Go on as this program: a terminal's signals, input and the exit code are then its own."""
    os.execvpe(command[0], command, {**os.environ, **variables})  # noqa: S606 - what a person asked for


def described(state: Path) -> dict[str, Any]:
    """What the stack of this folder says of itself; raises LocalError where none runs."""
    if not is_ready(state):
        raise LocalError(f"No platform runs in {state}: `make up` starts one.")
    found: dict[str, Any] = json.loads((state / "stack.json").read_text())
    return found


def environment(stack: dict[str, Any], package: str) -> dict[str, str]:
    """The variables of the service and of the platform, and our Python before any other."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**stack["environment"], **stack["services"][package]["environment"], "PATH": path}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
