"""`python -m deploy.docker build|check|sbom|secrets`, the first three with `--image NAME`."""

import argparse
import json
import re
import sys

from deploy.docker import secrets
from deploy.docker.build import build
from deploy.docker.contained import check
from deploy.docker.sbom import sbom
from deploy.local.errors import LocalError
from deploy.local.names import Arguments
from deploy.local.paths import REPOSITORY

_IMAGE = re.compile(r"[a-z0-9][\w.:/-]*(@sha256:[0-9a-f]{64})?", re.ASCII)


def main() -> int:
    """0 when it was done; 1 with a sentence when something is in the way."""
    parser = Arguments(prog="make image")
    parser.add_argument("action", choices=("build", "check", "sbom", "secrets"))
    parser.add_argument("--image", type=image_name, default="billing:0.1.0")
    parser.add_argument(
        "--base", type=image_name, help="image to build on, instead of the one in the Dockerfile"
    )
    arguments = parser.parse_args()
    try:
        return _do(arguments)
    except LocalError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def image_name(text: str) -> str:
    """A name that an engine would take, for argparse's `type`: `registry/name:tag`."""
    if not _IMAGE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} names no image: IMAGE and BASE are such as billing:0.1.0")
    return text


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
            sys.stderr.write(f"  asking {arguments.image} for its packages …\n")
            sys.stdout.write(json.dumps(sbom(arguments.image), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
