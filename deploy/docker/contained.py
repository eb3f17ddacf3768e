"""The local platform with our programs in containers, confined as Kubernetes confines them."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deploy.docker.engine import ENGINE
from deploy.local.console import Console
from deploy.local.run import tell_once
from deploy.local.stack import Options, Stack
from deploy.local.state import temporary_state
from deploy.local.up import keep_up

# The same as the chart's security context: nothing can be written but /tmp, nothing gained.
CONFINED = (
    "--read-only",
    "--tmpfs=/tmp:size=64m,mode=1777",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--pids-limit=256",
)
_ARGUMENTS = {"shared.postgres.migrate": "migrate", "shared.messaging.topics": "topics"}


@dataclass
class ContainedStack(Stack):
    """Postgres and Kafka as processes, and the five services from the image."""

    image: str = ""

    def command(self, module: str, arguments: Sequence[str], variables: Iterable[str]) -> list[str]:
        """The image's argument for the module; values of variables come from our own environment."""
        name = _ARGUMENTS.get(module) or module.split(".")[1].replace("_", "-")
        passed = [f"--env={variable}" for variable in variables]
        run = [ENGINE, "run", "--rm", "--network=host", *CONFINED, *passed]
        return [*run, self.image, name, *arguments]


def check(image: str) -> int:
    """Tell the story of one invoice with the services in containers; 0 when all of it happened."""
    with temporary_state() as state:
        stack = ContainedStack(Options(state, gateway_port=0), Console(), image=image)
        return asyncio.run(keep_up(stack, tell_once))
