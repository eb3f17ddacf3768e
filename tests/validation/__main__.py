"""`make validate`: kinds of documents, made through the API, judged by phive and veraPDF."""

import asyncio
import sys
import tempfile
from pathlib import Path

from deploy.local.started import description, started_stack
from deploy.local.state import temporary_state
from tests.validation import verdicts
from tests.validation.kinds import KINDS
from tests.validation.making import make_all


def main(names: list[str]) -> int:
    folder = Path(tempfile.mkdtemp(prefix="documents-"))
    with temporary_state() as state, started_stack(state) as stack:
        facts = description(stack)
        every = asyncio.run(
            make_all(facts["gateway_url"], facts["admin_token"], names or list(KINDS), folder)
        )
    found = verdicts.verdicts_of(every)
    faults = verdicts.faults(every, found)
    print(verdicts.table(every, found))
    print(*[f"FAULT {fault}" for fault in faults], sep="\n")
    print(f"{len(every)} kinds of documents, {len(faults)} faults; their files are in {folder}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
