"""`make validate`: kinds of documents, made through the API, judged by phive and veraPDF."""

import asyncio
import sys
import tempfile
from pathlib import Path

import httpx

from deploy.local.started import description, started_stack
from deploy.local.state import temporary_state
from shared.kernel.ids import new_id
from tests.validation import verdicts
from tests.validation.kinds import KINDS
from tests.validation.making import Made, make


async def _made(gateway_url: str, admin_token: str, names: list[str], folder: Path) -> list[Made]:
    async with httpx.AsyncClient(base_url=gateway_url, timeout=60) as client:
        wish = {"slug": f"validate-{new_id().hex[-12:]}", "name": "Validate", "mode": "sandbox"}
        admin = {"authorization": f"Bearer {admin_token}"}
        reply = await client.post("/v1/workspaces", json=wish, headers=admin)
        client.headers["x-api-key"] = reply.json()["api_key"]["key"]
        return [await make(client, name, KINDS[name], folder) for name in names]


def main(names: list[str]) -> int:
    folder = Path(tempfile.mkdtemp(prefix="documents-"))
    with temporary_state() as state, started_stack(state) as stack:
        facts = description(stack)
        every = asyncio.run(_made(facts["gateway_url"], facts["admin_token"], names or list(KINDS), folder))
    found = verdicts.verdicts_of(every)
    faults = verdicts.faults(every, found)
    print(verdicts.table(every, found))
    print(*[f"FAULT {fault}" for fault in faults], sep="\n")
    print(f"{len(every)} kinds of documents, {len(faults)} faults; their files are in {folder}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
