"""`python -m deploy.schemas`: writes `schemas/` from the code; refuses to break a released event."""

import sys

from deploy.local.console import Console
from deploy.schemas.generate import (
    EVENT_EXAMPLES,
    FOLDER,
    broken,
    documents,
    event_examples,
    without_example,
    write,
)
from deploy.schemas.services import describe


def main() -> int:
    if lacking := without_example():
        print("Each event needs one as published, which is written first:", file=sys.stderr)
        print(*lacking, sep="\n", file=sys.stderr)
        return 1
    with Console().working("schemas", "of every event, route and message"):
        wanted = documents(describe())
    if faults := broken(FOLDER, wanted):
        print("A released event would break; give its class a new schema_version instead:", file=sys.stderr)
        print(*faults, sep="\n", file=sys.stderr)
        return 1
    write(FOLDER, wanted)
    EVENT_EXAMPLES.write_text(event_examples())
    return 0


if __name__ == "__main__":
    sys.exit(main())
