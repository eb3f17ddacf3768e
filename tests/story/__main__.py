"""`python -m tests.story`: tells the story to a platform of its own and keeps it as examples for OpenAPI."""

import asyncio
import sys
from datetime import UTC, datetime

from deploy.local.console import Console
from deploy.local.started import description, started_stack
from deploy.local.state import temporary_state
from tests.story.examples import files
from tests.story.scene import tell_all


def main() -> None:
    with Console().working("story", "told to a platform of its own"):
        with temporary_state() as state, started_stack(state) as stack:
            facts = description(stack)
            told = asyncio.run(tell_all(facts["gateway_url"], facts["admin_token"], has_stranger=False))
    for path, text in files(told.exchanges, datetime.now(UTC).date()).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
