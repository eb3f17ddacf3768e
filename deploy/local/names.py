"""What a person gives a command: services by their name, and one sentence where something is wrong."""

import argparse
import sys
from typing import NoReturn

from deploy.local.services import SERVICES

USAGE_ERROR = 2


class Arguments(argparse.ArgumentParser):
    """A parser that says what is wrong in one sentence: who typed `make` knows nothing of its options."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and leave with 2."""
        sys.stderr.write(f"✗ {self.prog}: {message.removeprefix('argument ')}\n")
        sys.exit(USAGE_ERROR)


def service(text: str) -> str:
    """The package that is meant: `subscription_renewal` for `subscription-renewal`; for argparse's `type`."""
    package = text.replace("-", "_")
    if package in SERVICES.values():
        return package
    problem = f"there is no service {text!r}" if text else "SERVICE=… is needed"
    raise argparse.ArgumentTypeError(f"{problem}; there are {', '.join(SERVICES)}")
