"""The gateway's own part of a request: what its process costs while somebody reads an invoice."""

import itertools

from tests.bench import load
from tests.bench.work import Done, Goal, Round, Scene, Work
from tests.bench.works.invoices import issue_many


async def reads(scene: Scene) -> Round:
    """One invoice again and again, 8 clients."""
    workspace = await scene.platform.new_workspace()
    invoice = (await issue_many(workspace, 1, "100"))[0]
    url = f"{scene.platform.facts['gateway_url']}/v1/invoices/{invoice['id']}"
    wire = load.Request(url, workspace.headers, method="GET").wire()

    async def read(count: int) -> Done:
        result = await load.run(itertools.repeat(wire), url, clients=8, count=count)
        return Done(
            len(result.latencies), result.failures, {"p50_ms": load.quantile_ms(result.latencies, 0.5)}
        )

    return read


WORKS = (
    Work(
        "gateway",
        "GET /v1/invoices/{id}, 8 clients: the gateway's own part",
        "request",
        reads,
        count=4_000,
        warm_up=1_500,
        goals=(Goal("gateway_cpu_ms", 0.3),),
    ),
)
