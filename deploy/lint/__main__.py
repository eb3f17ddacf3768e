"""`python -m deploy.lint`: names every fault against our own rules; leaves with 1 when there is one.

`--sizes` lists the long files and functions instead: advice, which leaves with 0.
"""

import argparse
import gc
import sys
from pathlib import Path

from deploy.lint import grammar, money, producers, reach, signatures, sizes, words

RULES = (grammar, money, reach, producers, words, signatures)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.lint", description=__doc__)
    parser.add_argument("--sizes", action="store_true", help="list long files and functions")
    given = parser.parse_args(arguments)
    if given.sizes:
        print(*sizes.advice(Path.cwd()), sep="\n")
        return 0
    found = [fault for rule in RULES for fault in rule.faults(Path.cwd())]
    print(*found, sep="\n", end="\n" if found else "")
    if summary := sizes.summary(sizes.advice(Path.cwd())):
        print(summary)
    return 1 if found else 0


if __name__ == "__main__":
    # A thousand syntax trees are kept until the end; looking through them for garbage takes twice as long.
    gc.disable()
    sys.exit(main(sys.argv[1:]))
