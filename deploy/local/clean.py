"""`make clean`: removes what stacks keep on this machine; downloads stay, so a start needs no network."""

import sys

from deploy.local.errors import LocalError
from deploy.local.paths import DEFAULT_STATE
from deploy.local.state import clean


def main() -> int:
    """Empty the folder, unless a stack runs in it."""
    try:
        clean(DEFAULT_STATE)
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
