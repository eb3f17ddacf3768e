"""`python -m deploy.lint`: names every fault against our own rules; leaves with 1 when there is one."""

import sys
from pathlib import Path

from deploy.lint import arrows, grammar, money, producers, reach, sizes

RULES = (arrows, grammar, money, sizes, reach, producers)


def main() -> int:
    found = [fault for rule in RULES for fault in rule.faults(Path.cwd())]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
