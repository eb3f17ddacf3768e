"""What a person gives a command: services by their name, and one sentence where something is wrong."""

import argparse
import difflib
import re
import sys
from collections.abc import Callable, Collection
from typing import NoReturn

from deploy.local.services import SERVICES

_ARGUMENT = re.compile(r"^argument [^:]+: ")
USAGE_ERROR = 2
# So many names at most stand in one sentence.
SHOWN = 12


class Arguments(argparse.ArgumentParser):
    """A parser that says what is wrong in one sentence: who typed `make` knows nothing of its options."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and leave with 2."""
        sys.stderr.write(f"✗ {self.prog}: {_ARGUMENT.sub('', message)}\n")
        sys.exit(USAGE_ERROR)


def known(what: str, names: Collection[str]) -> Callable[[str], str]:
    """For argparse's `type`: one of these names; else a sentence with all of them, or with those alike."""

    def one_of(text: str) -> str:
        if text in names:
            return text
        if len(names) <= SHOWN:
            raise argparse.ArgumentTypeError(f"there is no {what} {text!r}; there are {', '.join(names)}")
        alike = difflib.get_close_matches(text, names, SHOWN, cutoff=0.3) or list(names)[:SHOWN]
        listed = ", ".join(map(repr, alike))
        raise argparse.ArgumentTypeError(f"there is no {what} {text!r}; of {len(names)} there are {listed} …")

    return one_of


def service(text: str) -> str:
    """The package that is meant: `subscription_renewal` for `subscription-renewal`; for argparse's `type`."""
    package = text.replace("-", "_")
    if package in SERVICES.values():
        return package
    problem = f"there is no service {text!r}" if text else "SERVICE=… is needed"
    raise argparse.ArgumentTypeError(f"{problem}; there are {', '.join(SERVICES)}")
