"""`python -m deploy.docker build|check|sbom|secrets`, the first three with `--image NAME`."""

import argparse
import json
import sys

from deploy.docker import secrets
from deploy.docker.build import build
from deploy.docker.contained import check
from deploy.docker.sbom import sbom
from deploy.local.errors import LocalError
from deploy.local.paths import REPOSITORY


def main() -> int:
    """0 when it was done; 1 with a sentence when something is in the way."""
    parser = argparse.ArgumentParser(prog="python -m deploy.docker")
    parser.add_argument("action", choices=("build", "check", "sbom", "secrets"))
    parser.add_argument("--image", default="billing:0.1.0")
    parser.add_argument("--base", help="image to build on, instead of the one in the Dockerfile")
    arguments = parser.parse_args()
    try:
        return _do(arguments)
    except LocalError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _do(arguments: argparse.Namespace) -> int:
    match arguments.action:
        case "build":
            build(arguments.image, arguments.base)
        case "check":
            return check(arguments.image)
        case "secrets":
            has_written = secrets.write(REPOSITORY / ".env")
            sys.stdout.write("wrote .env\n" if has_written else "kept the .env that is there\n")
        case _:
            sys.stdout.write(json.dumps(sbom(arguments.image), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
