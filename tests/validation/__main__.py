"""`make validate`: kinds of documents, made through the API, judged by phive and veraPDF."""

import asyncio
import sys
import tempfile
from pathlib import Path

from deploy.local.console import Console
from deploy.local.names import Arguments, known
from deploy.local.started import description, started_stack
from deploy.local.state import temporary_state
from tests.validation.kinds import KINDS


def main(arguments: list[str]) -> int:
    """1 where a validator finds a fault, 2 for a kind that there is not, before anything is started."""
    parser = Arguments(prog="make validate", description=__doc__)
    parser.add_argument("names", nargs="*", type=known("kind of document", KINDS), help="KINDS=…")
    return _judge(parser.parse_args(arguments).names or list(KINDS))


def _judge(names: list[str]) -> int:
    # What takes seconds to import comes after what a person may have mistyped.
    from tests.validation import verdicts
    from tests.validation.making import make_all

    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="documents-"))
    with console.working("documents", f"{len(names)} kinds, through the API of a platform of their own"):
        with temporary_state() as state, started_stack(state) as stack:
            facts = description(stack)
            every = asyncio.run(make_all(facts["gateway_url"], facts["admin_token"], names, folder))
    with console.working("validators", "phive and veraPDF"):
        found = verdicts.verdicts_of(every)
    faults = verdicts.faults(every, found)
    print(verdicts.table(every, found))
    print(*[f"FAULT {fault}" for fault in faults], sep="\n")
    print(f"{len(every)} kinds of documents, {len(faults)} faults; their files are in {folder}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
